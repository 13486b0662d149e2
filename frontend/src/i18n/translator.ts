export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Message = string | PluralForms;
export type Messages<Key extends string = string> = Readonly<Record<Key, Message>>;
export type Values = Record<string, string | number>;

export interface Translator<Key extends string> {
  /** The text in this language; `{count}` chooses the plural form, numbers are written the language's way. */
  (key: Key, values?: Values): string;
  readonly tag: string;
}

export function translator<Key extends string>(messages: Messages<Key>, tag: string): Translator<Key> {
  const plural = new Intl.PluralRules(tag);
  const number = new Intl.NumberFormat(tag);
  const translate = (key: Key, values: Values = {}): string => {
    const message: Message = messages[key];
    const text = typeof message === 'string' ? message : (message[plural.select(Number(values['count']))] ?? message.other);
    return text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name] ?? '';
      return typeof value === 'number' ? number.format(value) : value;
    });
  };
  return Object.assign(translate, { tag });
}
