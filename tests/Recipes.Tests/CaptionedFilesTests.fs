module Recipes.Tests.CaptionedFilesTests

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
    testList "captioned files"
    <| [
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
