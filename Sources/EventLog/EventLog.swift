/// Keeps every published event.
struct EventLogPlaceholder {}
