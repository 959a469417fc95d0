import Foundation
import OrderEvents
import ServiceKit
import TestSupport
import Testing

@testable import NotificationWorker

@Suite("Templates")
struct NotificationTemplateTests {
    private func shippedTemplates() throws -> MessageTemplates {
        try MessageTemplates.load(from: shipped("templates"))
    }

    @Test("what ships writes the contract's message")
    func shippedFile() throws {
        let words = try shippedTemplates()
            .words(.orderCreated, language: "en", channel: .email, order().templateValues)
        #expect(words.subject == "Order Confirmation")
        #expect(words.text == "Your order of $1999.98 has been confirmed!")
        #expect(words.html?.contains("<strong>$1999.98</strong>") == true)
    }

    @Test("every kind of message is there in every language, for every channel, with no hole")
    func complete() throws {
        let templates = try shippedTemplates()
        #expect(templates.languages == ["de", "en"])
        let rejected = InventoryRejected(
            order(),
            productName: "Laptop",
            remaining: 1,
            rejectedAt: Timestamp(milliseconds: 0)
        )
        for language in templates.languages {
            for channel in CustomerMessage.Channel.allCases {
                let all = [
                    templates.words(
                        .orderCreated,
                        language: language,
                        channel: channel,
                        order().templateValues
                    ),
                    templates.words(
                        .inventoryRejected,
                        language: language,
                        channel: channel,
                        rejected.templateValues
                    ),
                ]
                for words in all {
                    #expect(!words.text.isEmpty && !words.text.contains("{"))
                    #expect(words.subject.isEmpty == (channel == .sms))
                    #expect((words.html == nil) == (channel == .sms))
                }
                #expect(all[1].text.contains("2 × Laptop"))
            }
        }
        let apology = templates.words(
            .inventoryRejected,
            language: "en",
            channel: .email,
            rejected.templateValues
        )
        #expect(apology.subject == "Your order could not be fulfilled")
    }

    @Test("other currencies carry their name, and nothing becomes an HTML entity in a text")
    func values() throws {
        let template = try MailTemplate(
            "Subject: {{currency}} & more\n\n{{total}} <b>\nfor {{user_id}}{{nothing}}\n",
            path: "t"
        )
        let (subject, text) = template.render(order(quantity: 1, currency: "EUR").templateValues)
        #expect(subject == "EUR & more")
        #expect(text == "EUR 999.99 <b>\nfor 123")
    }

    @Test("a value can open no tag and end no attribute, not even with an accent on its quote")
    func html() throws {
        let template = try CompiledTemplate("<a title=\"{{x}}\">{{x}}</a>", .html, path: "t")
        let nasty = "\"\u{301}><script>&'\u{338}<\u{338}"
        let made = template.render(["x": nasty])
        let inside = made.dropFirst("<a title=\"".count).dropLast("</a>".count)
        #expect(inside.unicodeScalars.filter { $0 == "\"" }.count == 1)
        #expect(inside.unicodeScalars.filter { $0 == "<" }.isEmpty)
        let start = "<a title=\"&quot;\u{301}&gt;&lt;script&gt;&amp;&#39;"
        #expect(made.unicodeScalars.starts(with: start.unicodeScalars))
    }

    @Test("a value between quotes of JSON stays there")
    func json() throws {
        let template = try CompiledTemplate(#"{"x":"{{x}}"}"#, .json, path: "t")
        let nasty = "\"\u{301},\"y\":\\ \n\r\t\u{1}\u{2028}é📦"
        let made = template.render(["x": nasty])
        let read = try JSONDecoder().decode([String: String].self, from: Data(made.utf8))
        #expect(read.count == 1)
        #expect(read["x"].map { Array($0.unicodeScalars) } == Array(nasty.unicodeScalars))
    }

    @Test(
        "a template that cannot be used is named with its fault",
        arguments: [
            ("Hello\n", "template t: must begin with"), ("Subject: x\ntext\n", "template t: must begin with"),
            ("Subject: x\n\nline 3\n{{#open}} never closed", "template t line 4"),
            ("Subject: {{x\n\ny\n", "template t line 1"),
        ]
    )
    func malformed(source: String, expected: String) {
        let error = #expect(throws: StartError.self) { try MailTemplate(source, path: "t") }
        #expect(error?.exitCode == .settings)
        #expect(error?.explanation.hasPrefix(expected) == true, "\(error?.explanation ?? "")")
    }

    @Test("a directory without templates, or a language with a file missing, is named")
    func missing() throws {
        let none = #expect(throws: StartError.self) { try MessageTemplates.load(from: "/nowhere") }
        #expect(none?.explanation.hasPrefix("notification.templates: /nowhere has no templates") == true)
        let directory = try TemporaryDirectory()
        let copy = directory.text(of: "templates")
        try FileManager.default.copyItem(atPath: shipped("templates"), toPath: copy)
        try FileManager.default.copyItem(
            atPath: "\(copy)/order-created.en.text.mustache",
            toPath: "\(copy)/order-created.fr.text.mustache"
        )
        let half = #expect(throws: StartError.self) { try MessageTemplates.load(from: copy) }
        let expected = "notification.templates: \(copy)/order-created.fr.html.mustache cannot be read"
        #expect(half?.explanation == expected)
    }

    @Test("a webhook's template that makes no JSON stops the start")
    func webhook() throws {
        _ = try WebhookTransport.template(in: shipped("templates"))
        let directory = try TemporaryDirectory()
        try Data(#"{"text": {{text}} }"#.utf8)
            .write(to: URL(filePath: directory.text(of: "webhook.json.mustache")))
        let error = #expect(throws: StartError.self) {
            try WebhookTransport.template(in: directory.text)
        }
        #expect(error?.explanation.hasSuffix("does not make JSON") == true)
    }
}
