"""The shop's own tables. None of them knows Tidings; they share a database with its tables."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012 - SQLAlchemy's own way to say it


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)

    @property
    def external_id(self) -> str:
        """The name Tidings knows this customer by."""
        return f"customer-{self.id}"


class Product(Base):
    __tablename__ = "products"
    __table_args__ = (CheckConstraint("stock >= 0", name="in_stock"),)

    sku: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    stock: Mapped[int]


class Order(Base):
    __tablename__ = "orders"

    number: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    shipped_at: Mapped[datetime | None]

    customer: Mapped[Customer] = relationship(lazy="raise")
    items: Mapped[list["OrderItem"]] = relationship(lazy="raise", order_by="OrderItem.id")


class OrderItem(Base):
    __tablename__ = "order_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    # Checked at the commit: an import may bring items before their order.
    order_number: Mapped[int] = mapped_column(ForeignKey("orders.number", deferrable=True, initially="DEFERRED"))
    sku: Mapped[str] = mapped_column(ForeignKey("products.sku"))
    packed: Mapped[bool] = mapped_column(default=False)

    product: Mapped[Product] = relationship(lazy="raise")


class Secret(Base):
    """What the shop itself must remember and tell nobody. A larger shop has a vault for this."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
