import CCurl

/// The library, initialised once before the first handle: curl_global_init(3) is not thread-safe before 7.84.
enum CurlLibrary {
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}
