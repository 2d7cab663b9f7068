// What Select2 puts in the place of a field has no name of its own: it takes the field's label.
document.addEventListener("DOMContentLoaded", () => {
  // Asked for now, it comes after Django has put Select2 there; where no page has any, there is none.
  window.django?.jQuery?.(($) => {
    const nameOf = (field) => field.labels[0].firstChild.textContent.trim();

    function tell(field) {
      const chosen = field.selectedOptions[0]?.text;
      $(field.nextElementSibling)
        .find(".select2-selection, .select2-selection__rendered")
        .removeAttr("aria-labelledby")
        .attr("aria-label", chosen ? `${nameOf(field)}: ${chosen}` : nameOf(field));
    }

    $("select.select2-hidden-accessible")
      .each((_, field) => tell(field))
      .on("change", (event) => tell(event.target))
      .on("select2:open", (event) => {
        $(".select2-container--open .select2-search__field").attr("aria-label", nameOf(event.target));
      });
  });
});

// htmx leaves a page as it is where no good answer comes: in a dialog one would wait for ever.
function tellInDialog({ detail: { requestConfig, target, xhr } }) {
  const place = document.getElementById("modal-content");
  if (!place?.contains(target)) return;
  const why = {
    0: "The server cannot be reached.",
    403: "You may not do this, or not any more: load the page again.",
    404: "It is not there any more: load the page again.",
  };
  const told = document.createElement("p");
  told.setAttribute("role", "alert");
  told.className = "bg-red-100 mt-3 px-3 py-2.5 rounded-default text-red-700 dark:bg-red-500/20 dark:text-red-400";
  const did = xhr.status >= 500 ? "failed" : "refused it";
  told.textContent = why[xhr.status] ?? `The server ${did} (error ${xhr.status}).`;
  const isLost = requestConfig.verb !== "get" && (xhr.status === 0 || xhr.status >= 500);
  if (isLost) told.textContent += " Look whether it was done before you try again.";
  place.querySelectorAll("[role=alert]").forEach((earlier) => earlier.remove());
  if (target === place) place.replaceChildren(told);
  else target.append(told);
  window.Alpine.$data(place).openModal = true;
  told.scrollIntoView({ block: "nearest" });
}

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, tellInDialog);
}

// Where another page comes, as to who is signed in no more, it is gone to.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const isAsked = document.getElementById("modal-content")?.contains(detail.target);
  if (!isAsked || detail.isError || detail.serverResponse.includes('id="dialog')) return;
  detail.shouldSwap = false;
  location.assign(detail.xhr.responseURL);
});
