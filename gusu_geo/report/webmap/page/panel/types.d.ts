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
  /** What had the focus before a card was opened. */
  before: Element | null;
  /** Panel and map anew; light: what changes while something is dragged, no more. */
  redraw(how?: { light?: boolean }): void;
  /** The open card anew. */
  card(): void;
  /** The bar of tools anew. */
  tools(): void;
  /** The list of changes anew. */
  changes(): void;
}

/** What people hold while they drag: change i, or one end of a link. */
interface Drag {
  i: number;
  end: "" | "from" | "to";
  id: number;
  tag: string;
  moved: boolean;
  to?: XY;
}
