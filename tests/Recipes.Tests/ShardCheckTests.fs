module Recipes.Tests.ShardCheckTests

open System
open System.IO
open Expecto
open Recipes
open Recipes.Data
open Recipes.Tests.Support
open Recipes.Tests.ShardDoubles

let private written folder =
    ShardedWork.Run(folder, 60, 20, facts "t", captioned) |> ignore
    folder

let private found (report: ShardReport) =
    [ for p in report.Problems -> p.Reason ] |> List.countBy id |> List.sort

let private rewrite folder (name: string) (change: byte[] -> byte[]) =
    let path = Path.Combine(folder, name)
    File.WriteAllBytes(path, change (File.ReadAllBytes path))

type private NoEvenCaptions() =
    interface ISampleCheck with
        member _.Problems(source, sample) =
            if int (sample.Key.Substring 1) % 2 = 0 then
                [ SampleProblem(source, sample.Key, "even", "") ]
            else
                []

[<Tests>]
let tests =
    testList
        "shard check"
        [
            testCase "good shards are good, with and without a manifest"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let report = ShardCheck.Verify(written folder)
                    Expect.isTrue report.Good $"{report}"
                    Expect.equal (report.Shards, report.Samples, report.Manifest.Samples) (3, 60, 60L) "counts"

                    Expect.equal
                        [ for m in report.Members -> m.Key, m.Value ]
                        [ "json", 60; "png", 60; "txt", 60 ]
                        "members"

                    File.Delete(Path.Combine(folder, "manifest.json"))
                    let bare = ShardCheck.Verify folder
                    Expect.isTrue (bare.Good && isNull bare.Manifest) "without"
                    Expect.stringContains (string bare) "no manifest" "said"
                    Expect.isTrue (ShardCheck.Verify(Path.Combine(folder, "0000000{0,1}.tar"))).Good "a pattern")

            testCase "what a manifest says is compared"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    written folder |> ignore
                    rewrite folder "00000000.tar" (fun b -> Array.append b (Array.zeroCreate 512))

                    let flip =
                        fun (b: byte[]) -> Array.mapi (fun i x -> if i = 600 then x ^^^ 1uy else x) b

                    rewrite folder "00000001.tar" flip
                    File.Delete(Path.Combine(folder, "00000002.tar"))
                    write folder "00000007.tar" (tar threeSamples) |> ignore
                    let report = ShardCheck.Verify(folder, [])

                    for expected in [ "wrong size"; "wrong SHA-256"; "shard is missing"; "not in the manifest" ] do
                        Expect.contains (found report |> List.map fst) expected $"{report}"

                    Expect.stringContains (string report) "00000002.tar" "named"
                    Expect.stringContains (report.ToHtml()) "wrong SHA-256" "shown")

            testCase "unfinished work is a problem"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    ShardedWork.Run(folder, 6, 2, null, captioned, ShardedWorkOptions(Rank = 0, World = 2))
                    |> ignore

                    rewrite folder "manifest-0-of-2.json" id
                    File.Copy(Path.Combine(folder, "manifest-0-of-2.json"), Path.Combine(folder, "manifest.json"))
                    Expect.equal (found (ShardCheck.Verify folder)) [ "unfinished", 1 ] "2 of 3")

            testCase "contents are checked: pictures, JSON, members that one sample lacks, and whatever is hooked in"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let sampleOf i =
                        let whole = captioned i

                        match i with
                        | 5 -> whole.With("png", ReadOnlyMemory(utf8 "no picture"))
                        | 9 -> whole.With("json", ReadOnlyMemory(utf8 "{"))
                        | 11 -> sample whole.Key [ "png", whole["png"].Value.ToArray(); "json", utf8 "{}" ]
                        | _ -> whole

                    ShardedWork.Run(folder, 60, 20, null, sampleOf) |> ignore
                    let report = ShardCheck.Verify folder

                    Expect.equal
                        [ for p in report.Problems -> p.Sample, p.Reason ]
                        [
                            "s00011", "missing member"
                            "s00005", "picture cannot be decoded"
                            "s00009", "no valid JSON"
                        ]
                        $"{report}"

                    Expect.equal
                        (found (ShardCheck.Verify(folder, [ NoEvenCaptions() ])))
                        [ "even", 30; "missing member", 1 ]
                        "hooked in")

            testCase "captioned files are verified whole: what is wrong, and what is only to be noted"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    write folder "good.png" (picture 8 (1uy, 2uy, 3uy)) |> ignore
                    write folder "bad.png" [| 1uy |] |> ignore

                    let lines =
                        [
                            """{"image":"good.png","caption":""}"""
                            """{"image":"bad.png","caption":"x"}"""
                            "nothing"
                        ]

                    let path = write folder "a.jsonl" (utf8 (String.Join("\n", lines)))
                    let source = Datasets.CaptionsAt path
                    Expect.isTrue (source :? CaptionFileSource) "recognised"
                    let report = Seq.exactlyOne (source.Verify())

                    Expect.equal
                        [ for f in report.Findings -> f.Reason, f.Kept, f.Count ]
                        [
                            "no valid JSON", false, 1
                            "picture cannot be decoded", false, 1
                            "empty caption", true, 1
                        ]
                        $"{report}"

                    Expect.equal (report.Samples, report.Skipped) (1, 2) "counts")

            testCase "what a path holds is recognised"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    written (Path.Combine(folder, "shards")) |> ignore
                    write folder "classes/cat/a.png" (picture 8 (1uy, 2uy, 3uy)) |> ignore
                    write folder "coco/annotations/captions.json" (utf8 "{}") |> ignore

                    let at (name: string) =
                        Datasets.CaptionsAt(Path.Combine(folder, name))

                    Expect.isTrue (at "shards" :? ShardsSource) "a folder of tars"
                    Expect.isTrue (at "coco" :? CocoSource) "COCO"
                    Expect.isNull (at "classes") "an image folder"
                    Expect.isNull (at "nowhere") "nothing")

            testCase "a page shows pictures with captions, escaped, and what cannot be read in its place"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let members =
                        [
                            "a.png", picture 8 (1uy, 2uy, 3uy)
                            "a.txt", utf8 "<script>alert(1)</script>"
                            "b.png", utf8 "no picture"
                            "b.txt", utf8 "שלום"
                        ]

                    let source = Datasets.Shards(write folder "a.tar" (tar members))
                    let set = source.WithTest(source.Paths[0]).Open Split.Train
                    let html = CaptionPreview.Html set
                    Expect.stringContains html "&lt;script&gt;alert(1)" "escaped"
                    Expect.isFalse (html.Contains "<script") "no script"
                    Expect.stringContains html "שלום" "right to left"
                    Expect.stringContains html "expected a whole picture" "the broken one"
                    Expect.stringContains html "data:image/png;base64," "the good one"
                    Expect.isFalse (html.Contains "http") "self-contained")
        ]
