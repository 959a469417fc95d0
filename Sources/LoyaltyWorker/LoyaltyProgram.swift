/// `loyalty-worker`.
@main
enum LoyaltyProgram {
    static func main() async {}
}
