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

let private whole path =
    Datasets.Shards([| path |]).WithTest([| path |])

let private openTrain (source: CaptionSource) = source.Open Split.Train

let private skip (source: StoredCaptionSource) = source.SkipBad().Open Split.Train

let private red (image: RgbImage) = int image.Rgb[0]

let private oneWith caption =
    tar [ "a.png", picture 8 (1uy, 2uy, 3uy); "a.txt", caption ]

let private shards =
    [
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

                write folder "b.tar" (tar [ for n, b in members -> "b-" + n, b ])[.. bytes.Length - 2600]
                |> ignore

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
                let stopped = openTrain (whole (write folder "c.tar" (tar (members[4..5]))))
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
            Expect.isGreaterThan (keywords.Captions(0).Count) 1 "name and keywords"
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

let private files =
    [
        testCase "JSON lines: one or several captions, several lines of a picture, problems by line"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                for name in [ "img/a.png"; "b.png" ] do
                    write folder name (picture 8 (byte name.Length, 0uy, 0uy)) |> ignore

                let file (name: string) (lines: string list) =
                    let path = write folder name (utf8 (String.Join("\r\n", lines)))
                    Datasets.CaptionFile(path).WithTest path

                let good =
                    file
                        "good.jsonl"
                        [
                            """{"image":"img/a.png","caption":"one"}"""
                            ""
                            """{"image":"b.png","captions":["two","three"]}"""
                            """{"caption":"four","image":"img/a.png","extra":{}}"""
                        ]

                let set = openTrain good
                Expect.equal (captionKeys set) [ "img/a.png"; "b.png" ] "a picture once"

                Expect.equal
                    [ for i in 0..1 -> List.ofSeq (set.Captions i) ]
                    [ [ "one"; "four" ]; [ "two"; "three" ] ]
                    "captions"

                Expect.equal [ for i in 0..1 -> red (set.Image i) ] [ 9; 5 ] "pictures"
                Expect.isNull (set.Sample 0) "no shard's sample"

                let bad =
                    file
                        "bad.jsonl"
                        [
                            """{"image":"b.png","caption":"fine"}"""
                            """{"image":"b.png","caption":"""
                            """["b.png"]"""
                            """{"caption":"x"}"""
                            """{"image":"b.png"}"""
                            """{"image":"b.png","captions":[]}"""
                            """{"image":"b.png","captions":[1]}"""
                            """{"image":"gone.png","caption":"x"}"""
                        ]

                failsSaying
                    [
                        "line 2: no valid JSON"
                        "line 3: no object"
                        "line 4: no picture"
                        "line 5: no caption"
                        "line 6: no caption (the list is empty)"
                        "line 7: no caption"
                        "line 8: picture is missing"
                    ]
                    (fun () -> openTrain bad |> ignore)

                let kept = skip bad
                Expect.equal (captionKeys kept, kept.Report().Skipped) ([ "b.png" ], 7) "the rest"

                failsSaying [ "no such file"; "searched" ] (fun () ->
                    openTrain (Datasets.CaptionFile "none.jsonl") |> ignore))

        testCase "COCO's captions in a folder and in a zip are the same; train and val files are the splits"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                let annotations (first: int) =
                    utf8
                        $$"""{"images":[{"id":{{first}},"file_name":"{{first}}.png"},{"id":{{first + 1}},"file_name":"{{first + 1}}.png"}],
                            "annotations":[{"image_id":{{first}},"caption":"a"},{"image_id":{{first + 1}},"caption":"b"},{"image_id":{{first}},"caption":"c"}]}"""

                let place = Path.Combine(folder, "coco")
                write place "annotations/captions_train2017.json" (annotations 1) |> ignore
                write place "annotations/captions_val2017.json" (annotations 3) |> ignore

                for i in 1..4 do
                    write
                        place
                        (if i < 3 then $"train2017/{i}.png" else $"val2017/{i}.png")
                        (picture 8 (byte i, 0uy, 0uy))
                    |> ignore

                let zip = Path.Combine(folder, "coco.zip")
                ZipFile.CreateFromDirectory(place, zip)

                for path in [ place; zip ] do
                    for split, first in [ Split.Train, 1; Split.Test, 3 ] do
                        let set = (Datasets.Coco path).Open split
                        Expect.equal (captionKeys set) [ $"{first}.png"; $"{first + 1}.png" ] path
                        Expect.equal (List.ofSeq (set.Captions 0)) [ "a"; "c" ] path

                        Parallel.For(0, 20, (fun n -> Expect.equal (red (set.Image(n % 2))) (first + n % 2) path))
                        |> ignore

                let single =
                    Datasets.Coco(Path.Combine(place, "annotations", "captions_val2017.json"))

                let both =
                    [ Split.Train; Split.Test ]
                    |> List.collect (fun s ->
                        try
                            captionKeys (single.Open s)
                        with :? RecipesException ->
                            [])

                Expect.equal (List.sort both) [ "3.png"; "4.png" ] "one file, divided by key"
                File.Delete(Path.Combine(place, "train2017", "1.png"))

                failsSaying [ "1.png: picture is missing" ] (fun () ->
                    (Datasets.Coco place).Open Split.Train |> ignore)

                let bytes = File.ReadAllBytes zip
                let at = Encoding.Latin1.GetString(bytes).IndexOf "train2017/1.png"
                bytes[at + 40] <- bytes[at + 40] ^^^ 1uy
                let damaged = (Datasets.Coco(write folder "damaged.zip" bytes)).Open Split.Train
                failsSaying [ "damaged.zip: train2017/1.png" ] (fun () -> damaged.Image 0 |> ignore)

                failsSaying [ "cannot be read as a zip" ] (fun () ->
                    (Datasets.Coco(write folder "cut.zip" bytes[..200])).Open Split.Train |> ignore)

                write place "annotations/captions_train2017.json" (utf8 "{\"images\":[1]}")
                |> ignore

                failsSaying [ "expected COCO's captions" ] (fun () -> (Datasets.Coco place).Open Split.Train |> ignore))

        testCase "zips of real data open as folders (../shared)"
        <| fun () ->
            let coco = Datasets.Coco(shared "data/coco_cc/coco_cc_shared.zip")
            let all = [ coco.Open Split.Train; coco.Open Split.Test ]
            Expect.equal (all |> List.sumBy (fun s -> s.Count)) 35 "pictures"

            Expect.equal
                (all
                 |> List.sumBy (fun s -> List.sum [ for i in 0 .. s.Count - 1 -> s.Captions(i).Count ]))
                175
                "captions"

            Expect.isGreaterThan (all[0].Image(0).Width) 200 "decoded"

            for name, count, member' in
                [
                    "camvid_nc/camvid_shared.zip", 333, "test/0001TP_008550.png"
                    "omniglot/omniglot_shared.zip", 3660, null
                ] do
                use folder = ArchiveFolder.Open(shared $"data/{name}")
                Expect.isTrue (folder.Names.Count >= count) $"{name}: {folder.Names.Count} files"

                let file =
                    if isNull member' || not (folder.Contains member') then
                        folder.Names |> Seq.find (fun n -> n.EndsWith ".png")
                    else
                        member'

                let struct (_, width, height) =
                    ImageDecoder.Decode(ReadOnlySpan(folder.Read file), folder.Place file, 0)

                Expect.isTrue (width > 50 && height > 50) name
                failsSaying [ "expected a file nothing.png" ] (fun () -> folder.Read "nothing.png" |> ignore)
    ]

[<Tests>]
let tests = testList "captioned sets" (shards @ files)
