"""When a schedule fires: cron expressions, rules, time zones. Pure: no database, no clock."""
