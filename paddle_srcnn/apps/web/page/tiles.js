// Tiles of a picture before and after, drawn on a canvas at any zoom. Pixels stay squares when they are enlarged.

const MOST_TILES = 240; // that are kept, of a megabyte each

export class Tiles {
  /** `size` is what the server tells of a view; `changed` is called whenever a tile has arrived. */
  constructor(picture, size, changed) {
    this.base = `pictures/${picture.number}`;
    this.revision = picture.revision;
    this.size = size;
    this.changed = changed;
    this.images = new Map();
  }

  /** Return a tile if it has arrived; else ask for it if `wanted`. */
  tile(side, level, column, row, wanted) {
    const address = `${this.base}/${side}/${level}/${column}/${row}.png?${this.revision}`;
    let image = this.images.get(address);
    if (!image && wanted) {
      image = new Image();
      image.onload = () => this.changed();
      image.src = address;
      this.images.set(address, image);
      if (this.images.size > MOST_TILES) this.images.delete(this.images.keys().next().value);
    } else if (image) {
      this.images.delete(address); // and to the end, so that the oldest ones go first
      this.images.set(address, image);
    }
    return image?.complete && image.naturalWidth ? image : null;
  }

  /** Draw one side. Canvas pixel (x, y) shows the picture's pixel ((x - left) / zoom, (y - top) / zoom). */
  draw(context, side, { zoom, left, top }, from, to) {
    const { width, height, levels, tile } = this.size;
    const best = Math.min(Math.max(Math.floor(Math.log2(1 / zoom)), 0), levels - 1);
    context.save();
    context.beginPath();
    context.rect(from, 0, to - from, context.canvas.height);
    context.clip();
    for (let level = levels - 1; level >= best; level--) {
      const reach = tile * 2 ** level;
      const wanted = level === best || level === levels - 1;
      const columns = span((from - left) / zoom, (to - left) / zoom, reach, width);
      const rows = span(-top / zoom, (context.canvas.height - top) / zoom, reach, height);
      context.imageSmoothingEnabled = zoom * 2 ** level < 1 || level > 0;
      for (let row = rows[0]; row <= rows[1]; row++) {
        for (let column = columns[0]; column <= columns[1]; column++) {
          const image = this.tile(side, level, column, row, wanted);
          if (!image) continue;
          const x = Math.round(left + column * reach * zoom);
          const y = Math.round(top + row * reach * zoom);
          const right = Math.round(left + Math.min((column + 1) * reach, width) * zoom);
          const bottom = Math.round(top + Math.min((row + 1) * reach, height) * zoom);
          context.drawImage(image, x, y, right - x, bottom - y);
        }
      }
    }
    context.restore();
  }
}

/** First and last tile between two positions of a picture. */
function span(from, to, reach, length) {
  const last = Math.ceil(length / reach) - 1;
  return [Math.max(Math.floor(from / reach), 0), Math.min(Math.floor(to / reach), last)];
}
