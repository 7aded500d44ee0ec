module Recipes.Tests.ScenesTests

open System
open System.Text.Json
open Expecto
open Recipes.Data
open Recipes.Tests.AugmentOpsTests

let private many = [ for i in 0L .. 299L -> Scene.At(5L, i) ]

let private pixelsOf (map: byte[]) size value =
    [
        for p in 0 .. map.Length - 1 do
            if map[p] = value then
                p % size, p / size
    ]

/// Mean of each 4 x 4 block.
let private shrink (rgb: byte[]) size =
    let small = size / 4

    Array.init (3 * small * small) (fun i ->
        let x, y, c = i / 3 % small, i / 3 / small, i % 3

        Seq.average
            [
                for dy in 0..3 do
                    for dx in 0..3 -> float rgb[3 * ((4 * y + dy) * size + 4 * x + dx) + c]
            ])

let private valueTests =
    [
        testCase "a scene is a value: same (seed, index), same scene, JSON and bytes"
        <| fun () ->
            for scene in many |> List.truncate 40 do
                let again = Scene.At(scene.Seed, scene.Index)
                Expect.equal again scene "equal"
                Expect.equal (JsonSerializer.Serialize again) (JsonSerializer.Serialize scene) "JSON"
                Expect.equal (again.Draw 48) (scene.Draw 48) "bytes"

            Expect.notEqual (Scene.At(5L, 0L)) (Scene.At(6L, 0L)) "another seed, another scene"

        testCase "every scene keeps its promises"
        <| fun () ->
            for scene in many do
                Expect.isTrue (scene.Objects.Count >= 1 && scene.Objects.Count <= 6) "one to six objects"
                let distances = [ for o in scene.Objects -> o.Distance ]
                Expect.equal distances (List.sortDescending distances) "the farthest first"

                let others =
                    scene.Objects |> Seq.filter (fun o -> not (obj.ReferenceEquals(o, scene.Main)))

                Expect.all others (fun o -> o.Size <= 0.6 * scene.Main.Size) "the main object is the largest by far"
                Expect.equal scene.Class (int scene.Main.Shape) "class"

        testCase "the vocabulary is used evenly"
        <| fun () ->
            let scenes = [ for i in 0L .. 1999L -> Scene.At(1L, i) ]
            let counts = scenes |> List.countBy _.Class
            Expect.equal counts.Length 10 "all classes"
            Expect.all counts (fun (_, n) -> n > 140 && n < 260) "classes are balanced"
            let objects = scenes |> Seq.collect _.Objects |> Seq.toList
            Expect.equal (objects |> List.distinctBy _.Color |> List.length) 8 "colours"
            Expect.equal (objects |> List.distinctBy _.Pattern |> List.length) 4 "patterns"
            Expect.equal (scenes |> List.distinctBy _.Objects.Count |> List.length) 6 "counts"

            let words =
                scenes |> List.filter (fun s -> not (isNull (box s.Word))) |> List.length

            Expect.isTrue (words > 400 && words < 700) $"words in about 0.28 of the scenes, found {words} of 2000"
    ]

let private drawingTests =
    [
        testCase "boxes are tight around the masks, at two resolutions"
        <| fun () ->
            for scene in many |> List.truncate 120 do
                for size in [ 64; 150 ] do
                    let found = scene.Annotate size

                    for i, box in Seq.indexed found.Boxes do
                        match pixelsOf found.Instances size (byte (i + 1)) with
                        | [] -> Expect.isTrue box.IsEmpty "no pixels, no box"
                        | pixels ->
                            let xs, ys = List.unzip pixels
                            let tight = PixelBox(List.min xs, List.min ys, 1 + List.max xs, 1 + List.max ys)
                            Expect.equal box tight $"scene {scene.Index}, instance {i + 1}"

        testCase "instances, semantic labels and depth say the same"
        <| fun () ->
            for scene in many |> List.truncate 120 do
                let found = scene.Annotate 64

                for p in 0 .. 64 * 64 - 1 do
                    let i = int found.Instances[p]

                    let label, depth =
                        if i = 0 then
                            0uy, 10f
                        elif i <= scene.Objects.Count then
                            1uy + byte scene.Objects[i - 1].Shape, float32 scene.Objects[i - 1].Distance
                        else
                            Scene.WordLabel, 1f

                    if found.Semantic[p] <> label || found.Depth[p] <> depth then
                        failtest $"scene {scene.Index}, pixel {p}: instance {i}"

        testCase "nearer objects cover farther ones, and enough of each is in view"
        <| fun () ->
            for scene in many do
                let found = scene.Annotate 128

                let main =
                    scene.Objects |> Seq.findIndex (fun o -> obj.ReferenceEquals(o, scene.Main))
                // Alone in the scene, an object shows all it has; the others only take pixels away, and only nearer ones do.
                for i in 0 .. scene.Objects.Count - 1 do
                    let alone =
                        Scene(scene.Seed, scene.Index, scene.Background, [| scene.Objects[i] |], null).Annotate 128

                    let mutable all, kept = 0, 0

                    for p in 0 .. 128 * 128 - 1 do
                        if alone.Instances[p] = 1uy then
                            all <- all + 1
                            let winner = int found.Instances[p]

                            if winner = i + 1 then
                                kept <- kept + 1
                            elif winner < i + 1 then
                                failtest $"scene {scene.Index}: {winner} covers {i + 1}"

                    let least = if i = main then 0.5 else 0.2
                    Expect.isGreaterThan (float kept / float all) least $"scene {scene.Index}, object {i}"

        testCase "masks agree with the picture: taking an object away changes its pixels and no others"
        <| fun () ->
            for scene in many |> List.filter (fun s -> s.Objects.Count > 1) |> List.truncate 60 do
                let last = scene.Objects.Count - 1

                let without =
                    Scene(
                        scene.Seed,
                        scene.Index,
                        scene.Background,
                        Seq.toArray (Seq.take last scene.Objects),
                        scene.Word
                    )

                let a, b = scene.Draw 96, without.Draw 96

                let alone =
                    Scene(scene.Seed, scene.Index, scene.Background, [| scene.Objects[last] |], null).Annotate 96

                let box = alone.Boxes[0]

                for p in 0 .. 96 * 96 - 1 do
                    let x, y = p % 96, p / 96
                    let changed = a.AsSpan(3 * p, 3).SequenceEqual(b.AsSpan(3 * p, 3)) |> not
                    // Sharp points cover less than half of the pixels at their very end.
                    let near =
                        x >= box.Left - 5 && x < box.Right + 5 && y >= box.Top - 5 && y < box.Bottom + 5

                    if changed && not near then
                        failtest $"scene {scene.Index}: pixel {x}, {y} changed"

        testCase "the picture at 64 pixels is the picture at 256 pixels, averaged"
        <| fun () ->
            for scene in many |> List.truncate 60 do
                let small, large = scene.Draw 64, shrink (scene.Draw 256) 256
                let differences = Array.map2 (fun (a: byte) b -> abs (float a - b)) small large
                Expect.isLessThan (Array.average differences) 1.5 $"scene {scene.Index}: mean difference of 255"

        testCase "word pixels are there and boxed"
        <| fun () ->
            for scene in many |> List.filter (fun s -> not (isNull (box s.Word))) do
                let found = scene.Annotate 128
                let box = found.Boxes[scene.Objects.Count]
                Expect.isFalse box.IsEmpty $"scene {scene.Index}: {scene.Word.Text}"
                Expect.isGreaterThan box.Width (8 * scene.Word.Text.Length) "as wide as its letters"

        // A change of these numbers means that every published result on Scenes changes: raise the world's version, do not edit them lightly.
        testCase "drawing never changes silently"
        <| fun () ->
            let sums =
                [
                    for i in [ 0L; 1L; 2L; 7L; 1000L; 4294967296L ] -> checksum ((Scene.At(0L, i)).Draw 64)
                ]

            Expect.equal
                sums
                [
                    "f7f0395845e56198"
                    "b2eff6a1be9b3c0f"
                    "9ebab160bea6a578"
                    "bbfa82918dbc870e"
                    "7d5f2a295a76ac76"
                    "95881bbed659e5c3"
                ]
                "checksums at 64 pixels"

            Expect.equal (checksum ((Scene.At(0L, 1L)).Draw 1024)) "e75c122208242ab2" "checksum at 1024 pixels"
            let masks = (Scene.At(0L, 2L)).Annotate 64
            Expect.equal (checksum masks.Instances) "6de92c939242595a" "checksum of the masks"

        testCase "a span of the wrong length is refused"
        <| fun () ->
            Support.failsSaying [ "64 pixels"; "12288"; "found 10" ] (fun () ->
                ScenePainter.Shared.Paint(Scene.At(0L, 0L), 64, Span(Array.zeroCreate<byte> 10)))
    ]

[<Tests>]
let tests = testList "scenes" (valueTests @ drawingTests)
