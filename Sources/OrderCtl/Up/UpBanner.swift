import RabbitMQNode
import SystemPackage

/// What a person reads when everything is ready.
enum UpBanner {
    static func text(for file: UpFile, broker: UpPlan.Broker, directory: FilePath) -> String {
        let login =
            switch broker {
            case .own(let settings): "   login \(settings.user) / \(settings.password)"
            case .given: ""
            }
        return """

            Everything is ready. State is kept in \(directory); Ctrl-C stops all of it.

              Order service   \(file.orderService)
              Management UI   \(file.management)\(login)

            Place an order:

              curl -i \(file.orderService)/orders -H 'Content-Type: application/json' \\
                -d '{"user_id":123,"product_id":1,"quantity":2,"price":999.99}'

            """
    }
}
