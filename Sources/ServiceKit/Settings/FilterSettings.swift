public import EventFilter
internal import OrderEvents

extension FilterSchema {
    /// What an expression over this package's events may name: the fields of ``OrderEvents/OrderEvents/catalog``.
    public static let orderEvents = FilterSchema(
        bodyFields: OrderEvents.catalog.flatMap(\.fields)
            .map { field in
                switch field.kind {
                case .integer, .decimal: Field(field.name, .number)
                case .text, .time, .identifier: Field(field.name, .text)
                }
            }
    )
}

/// Which events a worker wants, and which of the others the broker keeps back.
struct FilterSettings {
    /// `worker.filter`.
    let filter: EventFilter?
    /// `worker.broker-filter`.
    let brokerFilter: BrokerFilter?

    /// Reads the filters.
    ///
    /// - `worker.filter`: an expression; what it does not accept is acknowledged unseen. Default `true`, everything.
    /// - `worker.broker-filter`: `==` on headers, joined by `&&`; what it does not accept never reaches the queue.
    ///   `true` is the expression of `worker.filter`. Default `false`, none.
    ///
    /// - Parameter checklist: Notes what is wrong, with the column.
    init(reading checklist: inout SettingsChecklist) {
        var isWrong = false
        let filter: EventFilter? = checklist.value(
            "worker.filter",
            default: nil,
            shownAs: "true",
            "expression over the events to handle, such as 'total >= 100'"
        ) { text throws(BrokenRule) in
            // Everything: not to be asked of each event.
            guard text != "true" else { return nil }
            do throws(FilterError) {
                return try EventFilter(text, schema: .orderEvents)
            } catch {
                isWrong = true
                throw BrokenRule(error)
            }
        }
        self.filter = filter
        brokerFilter = checklist.value(
            "worker.broker-filter",
            default: nil,
            shownAs: "false",
            "headers that the broker compares, such as 'type == \"order.created\"'; true takes worker.filter"
        ) { text throws(BrokenRule) in
            guard text != "false" else { return nil }
            if text == "true", filter == nil {
                // What is wrong with worker.filter has been said.
                guard !isWrong else { return nil }
                throw BrokenRule(
                    "gives worker.filter to the broker, and there is no worker.filter",
                    showsText: false
                )
            }
            do throws(FilterError) {
                return try BrokerFilter(text == "true" ? filter?.source ?? text : text, schema: .orderEvents)
            } catch {
                throw BrokenRule(error)
            }
        }
    }
}

extension BrokenRule {
    /// Says where an expression is wrong, and shows it.
    fileprivate init(_ error: FilterError) {
        self.init(error.description, showsText: false, illustration: error.illustration)
    }
}
