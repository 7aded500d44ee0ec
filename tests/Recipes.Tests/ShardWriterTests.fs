module Recipes.Tests.ShardWriterTests

open System
open System.Diagnostics
open System.IO
open System.Text.Json.Nodes
open System.Threading
open Expecto
open Recipes
open Recipes.Data
open Recipes.Tests.Support
open Recipes.Tests.ShardDoubles

let private run folder count perShard options =
    ShardedWork.Run(folder, count, perShard, facts "mobileclip_s0", captioned, options)

let private names folder = contents folder |> List.map fst

[<Tests>]
let tests =
    testList
        "shard writer"
        [
            testCase "samples come back as they were written, sorted by member, and bytes do not depend on when"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let a, b = Path.Combine(folder, "a"), Path.Combine(folder, "b")
                    let manifest = run a 10 4 null
                    Thread.Sleep 1100
                    run b 10 4 null |> ignore
                    Expect.equal (contents a) (contents b) "the same bytes"
                    Expect.equal (names a) [ "00000000.tar"; "00000001.tar"; "00000002.tar"; "manifest.json" ] "files"
                    Expect.equal [ for s in manifest.Shards -> s.Samples ] [ 4; 4; 2 ] "samples a shard"

                    Expect.equal
                        manifest.Bytes
                        (Directory.GetFiles(a, "*.tar") |> Seq.sumBy (fun f -> FileInfo(f).Length))
                        "bytes"

                    for shard in manifest.Shards do
                        Expect.equal shard.Sha256 (PendingShard.Hash(Path.Combine(a, shard.File))) "SHA-256"

                    use set = ShardSet.Open a
                    Expect.equal set.Count 10 "samples"

                    for i in 0..9 do
                        Expect.equal (set.Key i) (captioned i).Key "key"
                        Expect.equal (List.ofSeq (set.Extensions i)) [ "json"; "png"; "txt" ] "sorted"

                        for member' in (captioned i).Members do
                            Expect.equal (set.Read(i, member'.Extension)) (member'.Bytes.ToArray()) member'.Extension

                    let read = ShardManifest.Read a
                    Expect.equal (CanonicalJson.Text read) (CanonicalJson.Text manifest) "the manifest reads back"
                    Expect.equal (read.Facts["perShard"].GetValue<int>()) 4 "what the shards follow from")

            testCase "long and foreign names are written"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let key = "ordner/" + String('k', 150) + "é漢"

                    ShardedWork.Run(folder, 1, 1, null, (fun _ -> sample key [ "paug.json", utf8 "{}" ]))
                    |> ignore

                    use set = ShardSet.Open folder
                    Expect.equal (keys set, List.ofSeq (set.Extensions 0)) ([ key ], [ "paug.json" ]) "as they are")

            testCase "finished work is not done again; only what is missing is"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    run folder 10 2 null |> ignore
                    let before = contents folder
                    File.Delete(Path.Combine(folder, "00000003.tar"))
                    // Killed after the shard and before its line in the manifest.
                    let manifest =
                        JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "manifest.json")))

                    (manifest["shards"] :?> JsonArray).RemoveAt 1
                    File.WriteAllText(Path.Combine(folder, "manifest.json"), manifest.ToJsonString())
                    File.WriteAllText(Path.Combine(folder, "00000003.tar.17.tmp"), "half")
                    let asked = ResizeArray()
                    let told = ResizeArray()

                    let options =
                        ShardedWorkOptions(
                            Progress = Action<_, _, _>(fun e ``done`` all -> told.Add(e.Index, ``done``, all))
                        )

                    ShardedWork.Run(
                        folder,
                        10,
                        2,
                        facts "mobileclip_s0",
                        (fun i ->
                            asked.Add i
                            captioned i),
                        options
                    )
                    |> ignore

                    Expect.equal (List.ofSeq asked) [ 6; 7 ] "only the lost shard's samples were made"
                    Expect.equal (List.ofSeq told) [ 3, 1, 1 ] "progress"
                    Expect.equal (contents folder) before "all as it was")

            testCase "what a kill left half-written is cleared away, the manifest's too"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let a, b = Path.Combine(folder, "a"), Path.Combine(folder, "b")
                    run a 10 4 null |> ignore
                    run b 10 4 null |> ignore
                    File.Delete(Path.Combine(a, "00000002.tar"))

                    for half in [ "00000002.tar.77.tmp"; "manifest.json.77.tmp" ] do
                        File.WriteAllText(Path.Combine(a, half), "half")

                    run a 10 4 null |> ignore
                    Expect.equal (contents a) (contents b) "as if never killed")

            testCase "other options, other tars, a damaged manifest and wrong samples are one clear error each"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    run folder 10 4 null |> ignore
                    let before = contents folder

                    failsSaying
                        [
                            "of other work"
                            "teachers"
                            "mobileclip_s0"
                            "other"
                            "perShard"
                            "is 4, now 5"
                            "shards: the folder's are 3, now 2"
                        ]
                        (fun () -> ShardedWork.Run(folder, 10, 5, facts "other", captioned) |> ignore)

                    Expect.equal (contents folder) before "nothing is touched"
                    File.WriteAllText(Path.Combine(folder, "manifest.json"), "{\"shards\":")
                    failsSaying [ "manifest.json"; "expected a manifest" ] (fun () -> run folder 10 4 null |> ignore)
                    File.Delete(Path.Combine(folder, "manifest.json"))
                    failsSaying [ "holds tars"; "00000000.tar" ] (fun () -> run folder 10 4 null |> ignore)

                    for key, extensions, fragment in
                        [
                            "a.b", [ "txt" ], "without a dot"
                            "", [ "txt" ], "without a dot"
                            "a", [ "TXT" ], "has capitals"
                            "a", [ "txt"; "txt" ], "2 members"
                            "a", [], "without members"
                        ] do
                        failsSaying [ fragment ] (fun () ->
                            ShardedWork.Run(
                                Path.Combine(folder, "new"),
                                1,
                                1,
                                null,
                                fun _ -> sample key [ for e in extensions -> e, [| 1uy |] ]
                            )
                            |> ignore)

                    failsSaying [ "comes twice" ] (fun () ->
                        ShardedWork.Run(Path.Combine(folder, "twice"), 2, 2, null, (fun _ -> captioned 1))
                        |> ignore)

                    failsSaying [ "rank: expected 0 to 1, found 2"; "shardCount" ] (fun () ->
                        ShardedWork.Run(
                            folder,
                            0,
                            null,
                            (fun _ -> Seq.empty),
                            ShardedWorkOptions(Rank = 2, World = 2)
                        )
                        |> ignore))

            testCase "processes of several ranks make together what one makes alone"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let alone, together =
                        Path.Combine(folder, "alone"), Path.Combine(folder, "together")

                    run alone 23 3 null |> ignore

                    let rank r world =
                        run together 23 3 (ShardedWorkOptions(Rank = r, World = world))

                    let first = rank 1 3
                    Expect.isFalse first.Complete "a third"
                    Expect.equal [ for s in first.Shards -> s.Index ] [ 1; 4; 7 ] "shards k with k mod 3 = 1"
                    rank 0 3 |> ignore
                    // The rest by one process of another world: what is finished counts wherever it was made.
                    let last = rank 0 1
                    Expect.isTrue last.Complete "all"
                    Expect.equal (contents together) (contents alone) "one manifest, the same bytes"
                    Directory.Delete(together, true)
                    Tasks.Parallel.For(0, 3, (fun r -> rank r 3 |> ignore)) |> ignore
                    Expect.equal (contents together) (contents alone) "at the same time")

            testCase "a second writer gets a clear error, and the first goes on"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let mutable tried = 0

                    let manifest =
                        ShardedWork.Run(
                            folder,
                            2,
                            facts "x",
                            fun shard ->
                                failsSaying [ "another process writes shards here"; "Wait for it" ] (fun () ->
                                    ShardedWork.Run(folder, 2, facts "x", (fun _ -> Seq.empty)) |> ignore)

                                tried <- tried + 1
                                seq { captioned shard }
                        )

                    Expect.equal (tried, manifest.Complete) (2, true) "both shards")

            testCase "stopping leaves finished shards and nothing half-written"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    use stop = new CancellationTokenSource()

                    let sampleOf i =
                        if i = 5 then
                            stop.Cancel()

                        captioned i

                    Expect.throwsT<OperationCanceledException>
                        (fun () -> ShardedWork.Run(folder, 10, 3, null, sampleOf, null, stop.Token) |> ignore)
                        "cancelled"

                    Expect.equal (names folder) [ "00000000.tar"; "manifest.json" ] "one shard")
        ]
