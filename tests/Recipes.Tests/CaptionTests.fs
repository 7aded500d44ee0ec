/// The verb Caption, and what captions of scenes name.
module Recipes.Tests.CaptionTests

open Expecto
open Recipes.Data
open Recipes.Models
open Recipes.Verbs
open Recipes.Tests.CoCaDoubles
open Recipes.Tests.Support

[<Tests>]
let tests =
    torchTests
        "caption"
        [
            testCase "the true captions name the main object; others name what they name"
            <| fun () ->
                let set = SceneCaptionSet(3L, 0L, 50, SceneCaption.Short)

                for i in 0..49 do
                    Expect.isTrue (SceneNaming.Of(set[i], set.Captions(i)[0])).Both (set.Captions(i)[0])

                let scene = set[0]
                let color, shape = SceneWords.Of scene.Main.Color, SceneWords.Of scene.Main.Shape
                let wrong = if shape = "star" then "ring" else "star"

                for text, expected in
                    [
                        $"a {color} {wrong} and a small {shape}", (false, true)
                        $"{shape}", (true, false)
                        "", (false, false)
                    ] do
                    let found = SceneNaming.Of(scene, text)
                    Expect.equal (found.Shape, found.Color) expected text

            testCase "evidence counts words, different texts and empty ones"
            <| fun () ->
                let set = scenes 8
                let word = SceneWords.Of set[0].Main.Color

                let made =
                    (CachedCaptions set).Caption(Parrot word, 3, CaptionOptions(Batch = 3, Examples = 2))

                let evidence = made.Evidence
                Expect.equal (made.Count, made.Captions(7).Count, made.Key 5) (8, 3, set.Key 5) "the same pictures"
                Expect.sequenceEqual (made.Captions 1) [ ""; word; $"{word} {word}" ] "captions"
                Expect.equal evidence.MeanWords 1.0 "words"
                Expect.equal (evidence.Empty, evidence.EmptyShare) (8L, 1.0 / 3.0) "empty"
                Expect.equal (evidence.DistinctShare, evidence.DistinctTexts) (1.0, 3) "different"

                let same =
                    Seq.init 8 (fun i -> if set[i].Main.Color = set[0].Main.Color then 2.0 else 0.0)
                    |> Seq.sum

                Expect.floatClose Accuracy.high evidence.Naming.Color (same / 24.0) "colour"
                Expect.equal (evidence.Naming.Shape, evidence.Naming.Both) (0.0, 0.0) "no shape is named"
                Expect.stringContains (evidence.ToHtml()) "(empty)" "an example"

            testCase "a set is captioned alike in batches of any size"
            <| fun () ->
                use network = build 6L
                let captioner = Captioner(network, options = sampling 1.0 0.9 0L, Batch = 2)

                let captions batch seed =
                    let made =
                        (scenes 5).Caption(captioner, 2, CaptionOptions(Batch = batch, Seed = seed))

                    [ for i in 0..4 -> Seq.toList (made.Captions i) ]

                Expect.equal (captions 3 1L) (captions 5 1L) "batches"
                Expect.notEqual (captions 5 2L) (captions 5 1L) "seeds"

            testCase "what cannot be captioned says why"
            <| fun () ->
                failsSaying [ "batch"; "count"; "no pictures" ] (fun () ->
                    (scenes 0).Caption(Parrot "x", 0, CaptionOptions(Batch = 0)) |> ignore)

                let short =
                    { new ICaptioner with
                        member _.Name = "short"
                        member _.Caption(images, _, _, _) = [| for _ in images -> [||] |]
                    }

                failsSaying [ "short"; "2 captions"; "found 0" ] (fun () -> (scenes 3).Caption(short, 2) |> ignore)
        ]
