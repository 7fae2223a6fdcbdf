/* The page as its parts know it. */

type Say = ReturnType<typeof import("./dom.js").speaker>;
type Actions = ReturnType<typeof import("./actions.js").actions>;
type WhatIf = import("./whatif.js").WhatIf;

interface App {
  model: Model;
  view: View;
  /** The texts of the language that is shown. */
  say: Say;
  layer: ReviewLayer;
  map: L.Map;
  zoom: L.Control;
  act: Actions;
  /** The what-if, null where there is none. */
  lab: WhatIf | null;
  notes: import("./comments.js").Comments;
  /** What is held and dragged. */
  drag: Drag | null;
  /** What had the focus before a card was opened. */
  before: Element | null;
  /** Panel and map anew; light: what changes while something is dragged, no more. */
  redraw(how?: { light?: boolean }): void;
  /** The open card anew. */
  card(): void;
  /** The bar of tools anew. */
  tools(): void;
  /** Something else is looked at: the address follows. */
  viewed(): void;
  /** The list of changes anew. */
  changes(): void;
}

/** What a hand has taken: change or comment i, or one end of a link; at: where that is, in units. */
interface Held {
  i: number;
  end: "" | "from" | "to";
  at: XY;
}

/** While people drag: whose it is, what is held, how far its place is from the hand. */
interface Drag {
  holder: { move(held: Held, point: XY, tag: string): void };
  held: Held;
  offset: XY;
  id: number;
  tag: string;
  from: XY;
  moved: boolean;
  to?: XY;
}
