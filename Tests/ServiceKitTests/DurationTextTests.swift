import Testing

@testable import ServiceKit

@Suite("Durations in settings")
struct DurationTextTests {
    @Test(
        "every unit is read",
        arguments: [
            ("250ms", Duration.milliseconds(250)), ("5s", .seconds(5)), ("2m", .seconds(120)),
            ("1h", .seconds(3_600)), ("0s", .zero), ("007s", .seconds(7)),
        ]
    )
    func units(text: String, expected: Duration) {
        #expect(DurationText.parse(text) == expected)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "5", "s", "-5s", "+5s", "1.5s", "5 s", " 5s", "5S", "5sec", "5ss", "1h30m", "٣s", "½h",
            "9223372036854775807h", "99999999999999999999s",
        ]
    )
    func refused(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test("what is written is read back")
    func roundTrip() {
        for duration in [
            Duration.zero, .milliseconds(1), .milliseconds(1_500), .seconds(90), .seconds(7_200),
        ] {
            #expect(DurationText.parse(DurationText.text(duration)) == duration)
        }
        #expect(DurationText.text(.seconds(90)) == "90s")
        #expect(DurationText.text(.seconds(120)) == "2m")
        #expect(DurationText.text(.milliseconds(1_500)) == "1500ms")
    }

    @Test("a list is read in order, and as a whole or not at all")
    func lists() {
        #expect(DurationText.parseList("1s, 5s,30s") == [.seconds(1), .seconds(5), .seconds(30)])
        #expect(DurationText.parseList("") == [])
        #expect(DurationText.parseList("1s,,5s") == nil)
        #expect(DurationText.parseList("1s,x") == nil)
    }
}
