/* The card of a venue. */
globalThis.gusuVenue = (() => {
  "use strict";

  const { el, name } = gusuDom;

  function render(app, f) {
    const { model, say, act, lab } = app, { texts, arrays } = model, id = texts.venues.ids[f];
    const rows = [];
    for (let i = 0; i < model.facilities; i++) if (texts.venues.ids[i] === id) rows.push(i);
    const change = (one) => {
      act.closeCard();
      gusuWhatif.add(app, one);
    };
    const gone = lab?.history.now.changes.some((one) => one.venue === id);
    document.getElementById("card").replaceChildren(...[
      el("button", { type: "button", class: "close", "aria-label": say.t("close"), "data-testid": "card-close", text: "×", on: { click: act.closeCard } }),
      el("h2", { id: "card-title", "data-testid": "card-title" }, name(texts.venues.names[f] || say.t("unnamed"))),
      el("p", { class: "hint" }, name(id)),
      el("ul", { class: "services" }, ...rows.map((row) => {
        const service = texts.summary.services[arrays.venue_service[row]], letter = "ABC"[arrays.venue_evidence[row]];
        return el("li", { class: "pass" }, gusuPanel.badge(arrays.venue_service[row]), el("span", { class: "what" }, name(say.of(service, service.id))),
          el("span", { class: "hint", text: say.t(`evidence_${letter}`) }));
      })),
      texts.venues.hours[f] && el("p", { class: "hint" }, name(say.t("hours", { hours: texts.venues.hours[f] }))),
      lab && !gone && el("div", { class: "row" },
        el("button", { type: "button", class: "small", "data-testid": "venue-close", text: say.t("whatif_close"), on: { click: () => change({ do: "close_venue", venue: id }) } }),
        el("button", { type: "button", class: "small", "data-testid": "venue-move", text: say.t("whatif_move"), on: { click: () => {
          const place = gusuWhatif.settle(app, [arrays.venue_x[f], arrays.venue_y[f]]);
          if (place) change({ do: "move_venue", venue: id, ...place });
        } } })),
      lab && !gone && el("p", { class: "hint", text: say.t("whatif_move_hint") }),
    ].filter(Boolean));
  }

  return { render };
})();
