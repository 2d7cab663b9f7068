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
