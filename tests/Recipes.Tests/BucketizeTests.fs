module Recipes.Tests.BucketizeTests

open System
open System.IO
open System.Text.Json
open Expecto
open FsCheck
open Recipes
open Recipes.Verbs
open Recipes.Tests.Support
open Recipes.Tests.VerbDoubles

/// A document of n tokens, each its own place.
let private document n = Array.init n id

let private powers (buckets: Buckets) =
    [
        for bucket in buckets.All do
            for s in bucket.Sequences -> s.Start, bucket.Power
    ]
    |> List.sort
    |> List.map snd

/// FNV-1a 64 over the tokens as little-endian uint32, in hex.
let private checksum (tokens: ReadOnlyMemory<int>) =
    let mutable hash = 0xcbf29ce484222325UL

    for token in tokens.ToArray() do
        for b in BitConverter.GetBytes token do
            hash <- (hash ^^^ uint64 b) * 0x100000001b3UL

    hash.ToString "x16"

let private golden (root: JsonElement) =
    let documents = root.GetProperty "documents"
    let vocabulary = documents.GetProperty("vocab").GetInt32()

    [|
        for i, length in documents.GetProperty("lengths").EnumerateArray() |> Seq.indexed ->
            [|
                for t in 0 .. length.GetInt32() - 1 do
                    1 + int (u $"dd:doc:list1:{i}" t * float vocabulary)
                0
            |]
    |]

/// Whether sequences, put back in order, are the documents but for their ends.
let private faithful (documents: int[][]) least extra (buckets: Buckets) =
    let pieces =
        [
            for b in buckets.All do
                for s in b.Sequences -> b, s
        ]
        |> List.groupBy (fun (_, s) -> s.Document)
        |> Map.ofList

    documents
    |> Array.indexed
    |> Array.forall (fun (number, document) ->
        let mine =
            pieces
            |> Map.tryFind number
            |> Option.defaultValue []
            |> List.sortBy (fun (_, s) -> s.Start)

        let joined =
            [|
                for _, s in mine do
                    yield! s.Tokens.ToArray()
            |]

        List.forall (fun (b: Bucket, s: BucketSequence) -> s.Tokens.Length = b.Length + extra) mine
        && joined = document[.. joined.Length - 1]
        && document.Length - joined.Length < least + extra)

[<Tests>]
let tests =
    testList
        "bucketize"
        [
            testCase "lengths of the sheet are cut as it says (sec. 2.1, label token, 8 to 13)"
            <| fun () ->
                for n, expected, dropped in
                    [
                        200, [], 200
                        257, [ 8 ], 0
                        258, [ 8 ], 1
                        513, [ 9 ], 0
                        1001, [ 9; 8 ], 231
                        1026, [ 10 ], 1
                        4097, [ 12 ], 0
                        5000, [ 12; 9; 8 ], 133
                        8193, [ 13 ], 0
                        9000, [ 13; 9; 8 ], 37
                        20000, [ 13; 13; 11; 10; 9 ], 27
                    ] do
                    let buckets = [ document n ].Bucketize()
                    Expect.equal (powers buckets, buckets.Evidence.Dropped) (expected, int64 dropped) $"{n} tokens"

            testCase "without the label token pieces are the binary digits of the length, as the paper has it"
            <| fun () ->
                let options = BucketizeOptions(LabelToken = false)
                let buckets = [ document 0b1011010 ].Bucketize(0, 13, options)
                Expect.equal (powers buckets, buckets.Evidence.Dropped) ([ 6; 4; 3; 1 ], 0L) "nothing is lost"
                let coarse = [ document 0b1011010 ].Bucketize(2, 5, options)
                Expect.equal (powers coarse, coarse.Evidence.Dropped) ([ 5; 5; 4; 3 ], 2L) "greedy above, dropped below"

            testCase "buckets equal the official code's: sequences, checksums, dropped tokens, draws"
            <| fun () ->
                use json = JsonDocument.Parse(File.ReadAllBytes(shared "goldens/dd_list1.json"))
                let documents = golden json.RootElement

                let total =
                    json.RootElement.GetProperty("documents").GetProperty("total_tokens_with_eot").GetInt64()

                let mutable compared = 0

                for case in json.RootElement.GetProperty("bucketing").EnumerateArray() do
                    let number (name: string) = case.GetProperty(name).GetInt32()
                    let mutable draws = 0

                    let next () =
                        draws <- draws + 1
                        u (case.GetProperty("choice_stream").GetString()) (draws - 1)

                    let options =
                        BucketizeOptions(Randomize = case.GetProperty("randomize").GetBoolean())

                    let buckets =
                        BucketizeVerb.Bucketize(documents, number "min_log2", number "max_log2", options, Func<_> next)

                    Expect.equal
                        (buckets.Evidence.Dropped, draws)
                        (int64 (number "dropped_tokens"), number "choice_draws")
                        "dropped, draws"

                    Expect.equal
                        (buckets.Evidence.TokensIn, buckets.Evidence.TokensInBuckets)
                        (total, total - buckets.Evidence.Dropped)
                        "sums"

                    for bucket in buckets.All do
                        let rows =
                            case.GetProperty("buckets").GetProperty(string bucket.Power).EnumerateArray()

                        let expected =
                            [
                                for row in rows ->
                                    row[0].GetInt32(), row[1].GetInt32(), row[2].GetInt32(), row[3].GetString()
                            ]

                        let ours =
                            [
                                for s in bucket.Sequences -> s.Document, s.Start, s.Tokens.Length, checksum s.Tokens
                            ]

                        Expect.equal ours expected $"bucket {bucket.Power}"
                        compared <- compared + ours.Length

                Expect.isGreaterThan compared 3000 "sequences compared"

            testProperty "no token is lost but a document's end, order is kept, every sequence is of one document"
            <| fun (lengths: NonNegativeInt list) (low: byte) (span: byte) label randomize ->
                let documents = [| for n in lengths -> document (n.Get * 37 % 3000) |]
                let least, most = int low % 5, int low % 5 + int span % 5
                let options = BucketizeOptions(LabelToken = label, Randomize = randomize)
                let buckets = documents.Bucketize(least, most, options)
                let evidence = buckets.Evidence

                faithful documents (1 <<< least) (if label then 1 else 0) buckets
                && evidence.TokensIn = evidence.TokensInBuckets + evidence.Dropped

            testCase "evidence: counts, means and a table; mean context as the paper's appendix F has it"
            <| fun () ->
                let buckets = [| document 5000; document 100 |].Bucketize(minPow = 8, maxPow = 13)
                let evidence = buckets.Evidence
                // 4096, 512, 256
                let context = (4096.0 * 4095.0 + 512.0 * 511.0 + 256.0 * 255.0) / (2.0 * 4864.0)
                Expect.floatClose Accuracy.high evidence.MeanContext context "mean context"
                Expect.floatClose Accuracy.high evidence.MeanLength (4864.0 / 3.0) "mean length"
                Expect.equal (evidence.Dropped, evidence.DocumentsDropped) (233L, 1) "dropped"
                Expect.equal (buckets[9].Sequences.Count, buckets[13].Sequences.Count) (1, 0) "by power"

                for line in
                    [
                        "2 documents of 5,100 tokens -> 3 sequences"
                        "4,096           1         4,096   84.2 %"
                        "dropped 233"
                        "shorter than 257 (1 documents wholly)"
                    ] do
                    Expect.stringContains (string buckets) line "the table"

                let none = Array.empty<int[]>.Bucketize()
                Expect.equal (none.Evidence.MeanContext, none.Evidence.Sequences) (0.0, 0) "no documents"

            testCase "powers out of range and missing documents are said all at once"
            <| fun () ->
                failsSaying
                    [
                        "minPow: expected 0 to 30, found -1"
                        "maxPow: expected minPow (-1) to 30, found 31"
                        "document 1: expected token ids, found null"
                    ]
                    (fun () -> [| document 3; null |].Bucketize(-1, 31) |> ignore)

                failsSaying [ "buckets: expected a power of 8 to 13, found 7" ] (fun () ->
                    [| document 3 |].Bucketize().[7] |> ignore)
        ]
