// luxon: its zones are ours, since the engine has none; it counts in the zone of the workflow.
(function (host) {
  "use strict";
  const { luxon } = host;
  const { DateTime, IANAZone, Settings } = luxon;

  IANAZone.isValidZone = (name) => typeof name === "string" && name !== "" && host.isZone(name);
  IANAZone.prototype.offset = function (ms) {
    return this.isValid && ms - ms === 0 ? host.offsetSeconds(this.name, ms) / 60 : NaN;
  };

  host.beginDates = function (shared) {
    Settings.defaultLocale = "en-US";
    Settings.defaultZone = shared.timezone;
    host.$now = DateTime.fromMillis(shared.now);
    host.$today = host.$now.startOf("day");
  };
});
