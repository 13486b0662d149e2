/** Which square of a picture is shown: how far it is magnified, and where it lies between the edges, from 0 to 1. */
export interface Crop {
  zoom: number;
  across: number;
  down: number;
}

export interface Size {
  width: number;
  height: number;
}

/** A square in the pixels of the picture. */
export interface Square {
  left: number;
  top: number;
  side: number;
}

export const MOST_ZOOM = 4;
export const CENTRED: Crop = { zoom: 1, across: 0.5, down: 0.5 };

/** The square that is shown; it never leaves the picture. */
export function squareOf({ width, height }: Size, { zoom, across, down }: Crop): Square {
  const side = Math.min(width, height) / zoom;
  return { left: (width - side) * across, top: (height - side) * down, side };
}

/** The picture pulled by so many pixels in a view of this side: what lies under the finger stays under it. */
export function pulled(size: Size, crop: Crop, by: { x: number; y: number }, viewSide: number): Crop {
  const { side } = squareOf(size, crop);
  const move = (at: number, room: number, pixels: number): number =>
    room > 0 ? Math.min(1, Math.max(0, at - (pixels * side) / viewSide / room)) : at;
  return { ...crop, across: move(crop.across, size.width - side, by.x), down: move(crop.down, size.height - side, by.y) };
}
