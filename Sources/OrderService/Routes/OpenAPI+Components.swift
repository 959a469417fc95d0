extension OpenAPI {
    static let components = """
          securitySchemes:
            key:
              type: http
              scheme: bearer
              description: >-
                A key of `http.keys`, where any are set. Its scope `orders:write` allows placing orders, `orders:read`
                looking at them, `admin` everything, metrics included.
          schemas:
            ID:
              type: string
              description: A UUIDv7 in lower case.
              pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
            Price:
              type: number
              description: Exact, at most two decimals.
            NewOrder:
              type: object
              required: [user_id, product_id, quantity, price]
              properties:
                user_id: { type: integer, minimum: 1, maximum: 9223372036854775807 }
                product_id: { type: integer, minimum: 1, maximum: 9223372036854775807 }
                quantity: { type: integer, minimum: 1, maximum: 10000 }
                price: { type: number, minimum: 0.01, maximum: 1000000.00, multipleOf: 0.01 }
                email: { type: [string, 'null'], format: email, maxLength: 254 }
                phone: { type: [string, 'null'], pattern: '^\\+?([ ().-]*[0-9]){5}[ ().0-9-]*$', maxLength: 32 }
            Order:
              type: object
              required: [id, user_id, product_id, quantity, price, total, currency, created_at]
              properties:
                id: { $ref: '#/components/schemas/ID' }
                user_id: { type: integer }
                product_id: { type: integer }
                quantity: { type: integer }
                price: { $ref: '#/components/schemas/Price' }
                total: { $ref: '#/components/schemas/Price' }
                currency: { const: USD }
                created_at: { type: string, format: date-time }
            ListedOrder:
              allOf:
                - $ref: '#/components/schemas/Order'
                - type: object
                  required: [event]
                  properties:
                    event:
                      type: object
                      required: [id, type, state]
                      properties:
                        id: { $ref: '#/components/schemas/ID' }
                        type: { const: order.created }
                        state: { enum: [pending, published] }
            ShownOrder:
              allOf:
                - $ref: '#/components/schemas/ListedOrder'
                - type: object
                  required: [journey]
                  properties:
                    journey:
                      description: By time; empty while no service has reported.
                      type: array
                      items: { $ref: '#/components/schemas/JourneyEntry' }
            JourneyEntry:
              type: object
              required: [service, state, attempt, at, event_type]
              properties:
                service: { type: string, examples: [inventory] }
                state: { enum: [done, rejected, retrying, dead-lettered, skipped] }
                attempt: { type: integer, minimum: 1 }
                at: { type: string, format: date-time }
                detail: { type: string, examples: ['Remaining stock: 48'] }
                event_type: { type: string, examples: [order.created] }
                next_at:
                  description: When the next attempt is due; of `retrying` only.
                  type: string
                  format: date-time
            Problem:
              type: object
              required: [type, title, status, detail]
              properties:
                type: { const: about:blank }
                title: { type: string }
                status: { type: integer }
                detail: { type: string }
                errors:
                  type: array
                  items:
                    type: object
                    required: [field, message]
                    properties:
                      field: { type: string }
                      message: { type: string }
          responses:
            Problem:
              description: Why it was not done.
              content:
                application/problem+json: { schema: { $ref: '#/components/schemas/Problem' } }
            Unauthorized:
              description: Keys are set, and none of them was presented.
              headers:
                WWW-Authenticate: { schema: { const: Bearer } }
              content:
                application/problem+json: { schema: { $ref: '#/components/schemas/Problem' } }
            Invalid:
              description: Every field that is wrong.
              content:
                application/problem+json: { schema: { $ref: '#/components/schemas/Problem' } }
            TryLater:
              description: Not now.
              headers:
                Retry-After: { description: Seconds., schema: { type: integer } }
              content:
                application/problem+json: { schema: { $ref: '#/components/schemas/Problem' } }
            Health:
              description: '`ok` or `unavailable`, and each check: `ok` or the reason.'
              content:
                application/json:
                  schema:
                    type: object
                    required: [status, checks]
                    properties:
                      status: { type: string }
                      checks: { type: object, additionalProperties: { type: string } }
        """
}
