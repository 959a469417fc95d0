/// The OpenAPI 3.1 description of what is served, at `/openapi.yaml`.
///
/// A test reads it beside ``RouteTable``, so that no path or method is told that is not served.
enum OpenAPI {
    /// The description as it is where `access` says who may call.
    static func document(for access: APIAccess) -> String {
        let security = access == .open ? "{}" : "key: []"
        return """
            openapi: 3.1.0
            info:
              title: Order service
              version: 1.0.0
              description: >-
                Accepts orders, keeps them and publishes `order.created` for each. `201` means that the order and its
                event are on disk. Errors are RFC 9457 problem documents.
            servers:
              - url: /
            security:
              - \(security)
            paths:
            \(orders)
            \(operations)
            components:
            \(components)

            """
    }

    private static let orders = """
          /orders:
            post:
              operationId: placeOrder
              summary: Places an order.
              parameters:
                - name: Idempotency-Key
                  in: header
                  description: >-
                    The client's name for this attempt. The same key with the same order again gives the first
                    answer again and no second order; with another order it gives 422. Orders are the same when
                    their fields are, however the JSON is spelled.
                  schema: { type: string, minLength: 1, maxLength: 255, pattern: '^[!-~]+$' }
                - name: traceparent
                  in: header
                  description: W3C trace context, handed on with the event; ignored when malformed.
                  schema: { type: string }
              requestBody:
                required: true
                description: At most 65536 bytes, nested at most 32 levels deep. Unknown members are ignored.
                content:
                  application/json:
                    schema: { $ref: '#/components/schemas/NewOrder' }
              responses:
                '201':
                  description: The order and its event are on disk, or were already.
                  headers:
                    Location: { description: Path of the order., schema: { type: string } }
                    Idempotent-Replay:
                      description: Present when this is the first answer again.
                      schema: { const: 'true' }
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [status, order]
                        properties:
                          status: { const: success }
                          order: { $ref: '#/components/schemas/Order' }
                '400': { $ref: '#/components/responses/Problem' }
                '401': { $ref: '#/components/responses/Unauthorized' }
                '403': { $ref: '#/components/responses/Problem' }
                '408': { $ref: '#/components/responses/Problem' }
                '413': { $ref: '#/components/responses/Problem' }
                '415': { $ref: '#/components/responses/Problem' }
                '422': { $ref: '#/components/responses/Invalid' }
                '429': { $ref: '#/components/responses/TryLater' }
                '503': { $ref: '#/components/responses/TryLater' }
            get:
              operationId: listOrders
              summary: Lists orders, newest first.
              parameters:
                - name: limit
                  in: query
                  schema: { type: integer, minimum: 1, maximum: 500, default: 50 }
                - name: after
                  in: query
                  description: Only orders older than this one; `next` of the page before.
                  schema: { $ref: '#/components/schemas/ID' }
              responses:
                '200':
                  description: A page.
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [orders, next]
                        properties:
                          orders: { type: array, items: { $ref: '#/components/schemas/ListedOrder' } }
                          next:
                            description: Give it as `after` for the next page; null on the last.
                            oneOf: [{ $ref: '#/components/schemas/ID' }, { type: 'null' }]
                '422': { $ref: '#/components/responses/Invalid' }
                '401': { $ref: '#/components/responses/Unauthorized' }
                '403': { $ref: '#/components/responses/Problem' }
                '429': { $ref: '#/components/responses/TryLater' }
                '503': { $ref: '#/components/responses/TryLater' }
          /orders/{id}:
            get:
              operationId: showOrder
              summary: Shows an order, where its event is, and what each service made of it.
              parameters:
                - { name: id, in: path, required: true, schema: { type: string } }
              responses:
                '200':
                  description: The order.
                  content:
                    application/json:
                      schema: { $ref: '#/components/schemas/ShownOrder' }
                '404': { $ref: '#/components/responses/Problem' }
                '401': { $ref: '#/components/responses/Unauthorized' }
                '403': { $ref: '#/components/responses/Problem' }
                '429': { $ref: '#/components/responses/TryLater' }
                '503': { $ref: '#/components/responses/TryLater' }
          /orders/{id}/events:
            get:
              operationId: followOrder
              summary: Streams an order's journey.
              description: >-
                Server-Sent Events: first what is known, then what becomes known, until the client leaves. Each event
                is named `journey`; its data is one JourneyEntry and its id counts the order's entries. Without news
                there is a comment every 15 s. A client that does not read is cut off. At most 1000 streams at once.
              parameters:
                - { name: id, in: path, required: true, schema: { type: string } }
                - name: Last-Event-ID
                  in: header
                  description: >-
                    The id of the last event that the client has; only later ones are sent. Ignored when it is none.
                  schema: { type: string }
              responses:
                '200':
                  description: The stream.
                  content:
                    text/event-stream:
                      schema: { $ref: '#/components/schemas/JourneyEntry' }
                '404': { $ref: '#/components/responses/Problem' }
                '401': { $ref: '#/components/responses/Unauthorized' }
                '403': { $ref: '#/components/responses/Problem' }
                '429': { $ref: '#/components/responses/TryLater' }
                '503': { $ref: '#/components/responses/TryLater' }
        """

    private static let operations = """
          /health/live:
            get:
              operationId: live
              security: []
              summary: Whether the process runs.
              responses:
                '200': { $ref: '#/components/responses/Health' }
          /health/ready:
            get:
              operationId: ready
              security: []
              summary: Whether broker, database and outbox are well.
              description: >-
                503 asks an operator to look. While only the broker is away, orders are still accepted.
              responses:
                '200': { $ref: '#/components/responses/Health' }
                '503': { $ref: '#/components/responses/Health' }
          /metrics:
            get:
              operationId: metrics
              summary: Prometheus text.
              responses:
                '200':
                  description: Metrics.
                  content: { text/plain: { schema: { type: string } } }
                '401': { $ref: '#/components/responses/Unauthorized' }
                '403': { $ref: '#/components/responses/Problem' }
                '429': { $ref: '#/components/responses/TryLater' }
          /openapi.yaml:
            get:
              operationId: describe
              security: []
              summary: This description.
              responses:
                '200':
                  description: OpenAPI 3.1.
                  content: { application/yaml: { schema: { type: object } } }
          /asyncapi.yaml:
            get:
              operationId: describeMessages
              security: []
              summary: The description of exchanges, queues, messages and headers.
              responses:
                '200':
                  description: AsyncAPI 3.0.
                  content: { application/yaml: { schema: { type: object } } }
        """
}
