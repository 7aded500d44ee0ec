module Recipes.Tests.CaptionedSetTests

open System
open System.IO
open System.IO.Compression
open System.Text
open System.Threading.Tasks
open Expecto
open Recipes
open Recipes.Data
open Recipes.Tests.Support
open Recipes.Tests.ShardDoubles
open Recipes.Tests.ShardedCaptionDoubles

[<Tests>]
let tests =
    testList "captioned shards"
    <| [
        testCase "pictures and captions of shards, where asked for; other members are left alone but can be had"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                let path =
                    write
                        folder
                        "a.tar"
                        (tar
                            [
                                "k.png", picture 8 (9uy, 2uy, 3uy)
                                "k.txt", utf8 "from text"
                                "k.url.txt", utf8 "address"
                                "k.json", utf8 """{"alt":"from json","n":3}"""
                                "k.syn.json", utf8 """{"syn_text":["one","two"]}"""
                            ])

                let captions parts =
                    let set = openTrain ((whole path).WithCaptions(parts: string[]))
                    Expect.equal (set.Count, set.Key 0, red (set.Image 0)) (1, "k", 9) "the picture"
                    Expect.equal (set.Sample(0).Members.Count) 5 "all members"
                    List.ofSeq (set.Captions 0)

                Expect.equal (captions [| "txt" |]) [ "from text" ] "text"
                Expect.equal (captions [| "json:alt" |]) [ "from json" ] "a key"

                Expect.equal
                    (captions [| "syn.json:syn_text"; "txt"; "json:none"; "cls" |])
                    [ "one"; "two"; "from text" ]
                    "several, in this order; what a sample lacks is passed over"

                failsSaying [ "k.json"; "n: expected a string"; "a number" ] (fun () ->
                    captions [| "json:n" |] |> ignore)

                failsSaying [ "k: no caption"; "expected cap, found png" ] (fun () -> captions [| "cap" |] |> ignore)
                failsSaying [ "no caption at json:none" ] (fun () -> captions [| "json:none" |] |> ignore))

        testCase "one key in ten is for testing, whatever else there is; Take chooses, and values are their JSON"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                ShardedWork.Run(Path.Combine(folder, "all"), 200, 70, null, captioned) |> ignore
                let source = Datasets.Shards(Path.Combine(folder, "all"))

                let train, test =
                    captionKeys (source.Open Split.Train), captionKeys (source.Open Split.Test)

                Expect.equal (List.sort (train @ test)) [ for i in 0..199 -> $"s{i:D5}" ] "each once"
                Expect.isTrue (test.Length > 5 && test.Length < 40) $"{test.Length} for testing"
                Expect.isTrue (test |> List.forall StoredCaptionSource.IsTest) "by key"
                let few = source.Take(20, 3)
                Expect.equal (few.Open(Split.Train).Count, few.Open(Split.Test).Count) (20, 3) "Take"
                Expect.equal (captionKeys (few.Open Split.Train)) (captionKeys (few.Open Split.Train)) "a fixed choice"
                failsSaying [ "at least 1" ] (fun () -> source.Take 0 |> ignore)

                for value in
                    [
                        source :> CaptionSource
                        few
                        source.SkipBad()
                        Datasets.CaptionFile "a.jsonl"
                        Datasets.Coco "x"
                    ] do
                    let json = CanonicalJson.Text<CaptionSource> value

                    let back =
                        Text.Json.JsonSerializer.Deserialize<CaptionSource>(json, CanonicalJson.Options)

                    Expect.equal (CanonicalJson.Text<CaptionSource> back) json "JSON and back")

        testCase "strange captions are kept as they are, and noted"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                for caption, expected, notes in
                    [
                        utf8 "", "", [ "empty caption" ]
                        utf8 " \n", " \n", [ "empty caption" ]
                        utf8 (String('x', 10240)), String('x', 10240), [ "caption of 2,000 characters or more" ]
                        [| 97uy; 0xFFuy; 98uy |], "a\uFFFDb", [ "replacement characters, from invalid UTF-8" ]
                        utf8 "חתול שחור", "חתול שחור", []
                        utf8 "a\u0000b\u0007", "a\u0000b\u0007", [ "control characters" ]
                        Array.append [| 0xEFuy; 0xBBuy; 0xBFuy |] (utf8 "marked"), "marked", []
                    ] do
                    let source = whole (write folder "a.tar" (oneWith caption))
                    Expect.equal (List.ofSeq ((openTrain source).Captions 0)) [ expected ] "as it is"
                    let set = skip source
                    Expect.equal (List.ofSeq (set.Captions 0)) [ expected ] "kept"
                    Expect.equal (findings set) [ for n in notes -> n, true, 1 ] "noted")

        testCase "bad samples stop with all named, or are left out with reasons counted"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                let good = picture 32 (5uy, 6uy, 7uy)

                let members =
                    [
                        "good.png", good
                        "good.txt", utf8 "fine"
                        "bare.png", good
                        "blind.txt", utf8 "no picture"
                        "half.png", good[.. good.Length / 2]
                        "half.txt", utf8 "cut off"
                        "other.png", utf8 "no picture at all"
                        "other.txt", utf8 "x"
                        "last.png", good
                        "last.txt", utf8 "fine too"
                    ]

                let bytes = tar members
                write folder "a.tar" bytes |> ignore

                let second = tar [ for n, b in members -> "b-" + n, b ]
                write folder "b.tar" second[.. bytes.Length - 2600] |> ignore

                let source = whole folder

                failsSaying
                    [
                        "bare: no caption"
                        "blind: no picture"
                        "b.tar: cut off"
                        "BadSamples = Skip"
                    ]
                    (fun () -> openTrain source |> ignore)

                let set = skip source
                Expect.equal (captionKeys set) [ "good"; "last"; "b-good" ] "what can be used"

                Expect.containsAll
                    (findings set)
                    [
                        "picture cannot be decoded", false, 4
                        "no caption", false, 2
                        "no picture", false, 2
                        "cut off", false, 1
                    ]
                    "reasons"

                for i in 0 .. set.Count - 1 do
                    Expect.equal (red (set.Image i)) 5 "readable"

                let text, html = string (set.Report()), set.Report().ToHtml()
                Expect.stringContains text "3 pictures, 9 left out" "the report as text"
                Expect.stringContains text "half.png: expected a whole picture" "with examples"
                Expect.stringContains html "picture cannot be decoded" "and as HTML"
                let stopped = openTrain (whole (write folder "c.tar" (tar members.[4..5])))
                failsSaying [ "c.tar: half.png"; "ends too early" ] (fun () -> stopped.Image 0 |> ignore))

        testCase "nothing there, or nothing left, is an error with its reasons"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                failsSaying [ "nowhere.tar"; "no such file" ] (fun () -> openTrain (whole "nowhere.tar") |> ignore)
                let path = write folder "a.tar" (tar [ "a.png", [| 1uy |]; "a.txt", [||] ])

                failsSaying [ "no pictures that can be used"; "picture cannot be decoded: 1" ] (fun () ->
                    skip (whole path) |> ignore)

                let one = Datasets.Shards(write folder "b.tar" (oneWith (utf8 "x")))

                let empty =
                    if StoredCaptionSource.IsTest "a" then
                        Split.Train
                    else
                        Split.Test

                failsSaying [ "no pictures"; "one key in ten" ] (fun () -> one.Open empty |> ignore))

        testCase "emoji and NLVR open, whole and by any thread (../shared)"
        <| fun () ->
            let emoji = shared "data/emoji"

            let styles =
                Datasets
                    .Shards(Path.Combine(emoji, "emoji-noto-000000.tar"))
                    .WithTest(Path.Combine(emoji, "emoji-emojitwo-000000.tar"))

            let train, test = styles.Open Split.Train, styles.Open Split.Test
            Expect.equal (train.Count, test.Count) (884, 884) "884 concepts in two styles"
            let code (key: string) = key.Substring(key.IndexOf '-')
            Expect.equal (captionKeys train |> List.map code) (captionKeys test |> List.map code) "the same concepts"
            let keywords = styles.WithCaptions([| "txt"; "json:keywords" |]).Open Split.Train
            Expect.isGreaterThan (Seq.sum [ for i in 0..883 -> keywords.Captions(i).Count ]) 5000 "names and keywords"
            let checkedSet = styles.SkipBad().Open Split.Train
            Expect.equal (checkedSet.Count, checkedSet.Report().Skipped) (884, 0) "all good"
            let nlvr = shared "data/nlvr"

            let boxes =
                Datasets
                    .Shards(Path.Combine(nlvr, "nlvr-train-{000000..000002}.tar.gz"))
                    .WithTest(Path.Combine(nlvr, "nlvr-test-000000.tar.gz"))

            let train = boxes.Open Split.Train
            Expect.equal (train.Count, boxes.Open(Split.Test).Count) (5934, 990) "as its README says"

            Parallel.For(
                0,
                100,
                fun n ->
                    let image = train.Image(59 * n)
                    Expect.equal (image.Width, image.Height) (400, 100) "three boxes"
                    Expect.isNonEmpty (train.Captions(59 * n)[0]) "a sentence"
            )
            |> ignore
    ]
