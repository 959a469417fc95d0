import OrderEvents

extension Statistics {
    /// The body of `/stats.json`.
    func json() -> [UInt8] {
        var writer = JSONObjectWriter()
        if let since {
            writer.add("since", since.text)
        } else {
            writer.add("since", json: "null".utf8)
        }
        writer.add("until", until.text)
        writer.add("bucket_seconds", number: bucketMinutes * 60)
        writer.add("totals", json: Self.array(totals) { $0.write(into: &$1, withAverage: true) })
        writer.add(
            "cohorts",
            json: Self.array(cohorts) { row, writer in
                writer.add("cohort", row.cohort.rawValue)
                row.figures.write(into: &writer, withAverage: true)
            }
        )
        writer.add(
            "products",
            json: Self.array(products) { row, writer in
                writer.add("product_id", number: row.productID)
                row.figures.write(into: &writer, withAverage: true)
            }
        )
        writer.add(
            "series",
            json: Self.array(series) { row, writer in
                writer.add("at", row.start.text)
                row.figures.write(into: &writer, withAverage: false)
            }
        )
        return writer.finish()
    }

    private static func array<Row>(_ rows: [Row], _ write: (Row, inout JSONObjectWriter) -> Void) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        for (index, row) in rows.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            var writer = JSONObjectWriter()
            write(row, &writer)
            bytes += writer.finish()
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }
}

extension Statistics.Figures {
    fileprivate func write(into writer: inout JSONObjectWriter, withAverage: Bool) {
        writer.add("currency", currency)
        writer.add("orders", number: orders)
        writer.add("units", number: units)
        writer.add("revenue", money: Money(minorUnits: revenue))
        if withAverage { writer.add("average_basket", money: Money(minorUnits: averageBasket)) }
    }
}
