/// Captions, questions and prompts of scenes, and the tokenizer of their words.
module Recipes.Tests.SceneLanguageTests

open System
open Expecto
open Recipes.Data
open Recipes.Tests.Support

let private many = [ for i in 0L .. 1999L -> Scene.At(5L, i) ]

let private words (text: string) = text.Split ' ' |> Array.toList

let private plain (scene: Scene) =
    $"{SceneWords.Of scene.Main.Color} {SceneWords.Of scene.Main.Shape}"

/// A share of 2,000 draws is within four standard deviations of its rate.
let private near rate (found: int) what =
    let count = float many.Length
    let slack = 4.0 * sqrt (rate * (1.0 - rate) / count)
    Expect.floatClose { absolute = slack; relative = 0.0 } (float found / count) rate what

[<Tests>]
let tests =
    testList
        "scene language"
        [
            testCase "alt-text is terse, off-topic and wrong as often as stated"
            <| fun () ->
                let noise = AltTextNoise(Wrong = 0.2, OffTopic = 0.3, Terse = 0.25)

                let texts =
                    [ for scene in many -> scene, scene.Caption(SceneCaption.AltText, 0, noise) ]

                let shapes = set [ for s in Enum.GetValues<SceneShape>() -> SceneWords.Of s ]
                let colors = set [ for c in Enum.GetValues<SceneColor>() -> SceneWords.Of c ]

                let named text =
                    words text |> List.exists shapes.Contains
                    && words text |> List.exists colors.Contains

                let terse, others =
                    texts
                    |> List.partition (fun (_, t) -> (words t).Length = 1 && (shapes.Contains t || colors.Contains t))

                let about, away = others |> List.partition (snd >> named)
                near 0.25 terse.Length "terse"
                near 0.3 away.Length "off-topic"
                // One in eighty of the wrong ones is right by chance.
                let right = about |> List.filter (fun (scene, text) -> text.StartsWith(plain scene))
                near (0.25 + 0.2 / 80.0) right.Length "right"

                for scene, text in terse do
                    Expect.contains (words (plain scene)) text "a terse caption is right"

            testCase "a caption is a value, and its number chooses another wording"
            <| fun () ->
                for kind in Enum.GetValues<SceneCaption>() do
                    let wordings number =
                        [ for scene in many |> List.truncate 50 -> scene.Caption(kind, number) ]

                    Expect.equal (wordings 0) (wordings 0) $"{kind}: the same"
                    Expect.notEqual (wordings 0) (wordings 1) $"{kind}: another"

            testCase "good captions name the main object, detailed ones its pattern, neighbours and the word"
            <| fun () ->
                for scene in many |> List.truncate 300 do
                    let short, detailed =
                        scene.Caption SceneCaption.Short, scene.Caption SceneCaption.Detailed

                    for text in [ short; detailed ] do
                        for word in words (plain scene) do
                            Expect.contains (words (text.Replace(",", ""))) word $"{text}: {word}"

                    let said = words (detailed.Replace(",", ""))

                    if scene.Main.Pattern <> ScenePattern.Solid then
                        Expect.contains said (SceneWords.Of scene.Main.Pattern) "pattern"

                    match scene.Word with
                    | null -> ()
                    | word -> Expect.equal (List.last said) (word.Text.ToLowerInvariant()) "what is written comes last"

                    Expect.stringContains (scene.Caption SceneCaption.Names) (SceneWords.Of scene.Main.Shape) "names"

            testCase "questions are about one object each, and their answers hold"
            <| fun () ->
                let mutable relations = []

                for scene in many |> List.truncate 300 do
                    let named name =
                        scene.Objects
                        |> Seq.filter (fun o -> SceneWords.Of o.Shape = name)
                        |> Seq.exactlyOne

                    for q in scene.Questions() do
                        match q.Kind, words q.Question with
                        | SceneQuestionKind.Count, _ -> Expect.isGreaterThan scene.Objects.Count 0 "counted"
                        | SceneQuestionKind.Color, _ :: _ :: _ :: _ :: [ name ] ->
                            Expect.equal q.Answer (SceneWords.Of (named name).Color) q.Question
                        | SceneQuestionKind.Pattern, list ->
                            Expect.equal q.Answer (SceneWords.Of (named (List.last list)).Pattern) q.Question
                        | SceneQuestionKind.Text, _ ->
                            Expect.equal
                                q.Answer
                                (if isNull scene.Word then
                                     "nothing"
                                 else
                                     scene.Word.Text.ToLowerInvariant())
                                q.Question
                        | SceneQuestionKind.Relation, list ->
                            let a, b = named list[2], named (List.last list)

                            let holds =
                                if q.Question.Contains "left" then a.X < b.X
                                elif q.Question.Contains "right" then a.X > b.X
                                elif q.Question.Contains "above" then a.Y < b.Y
                                else a.Y > b.Y

                            Expect.equal q.Answer (if holds then "yes" else "no") q.Question
                            relations <- q.Answer :: relations
                        | other -> failtest $"{other}"

                let yes = relations |> List.filter ((=) "yes") |> List.length
                Expect.equal (2 * yes) relations.Length "half of the answers are yes"
                Expect.isGreaterThan relations.Length 300 "relations asked"

            testCase "each word of the language is one token; captions fit, and other text survives"
            <| fun () ->
                let tokenizer = ClipTokenizer.Scenes

                for word in SceneWords.All do
                    Expect.hasLength (tokenizer.Encode word) 1 word

                for scene in many |> List.truncate 200 do
                    for kind in Enum.GetValues<SceneCaption>() do
                        let text = scene.Caption kind

                        Expect.equal
                            (List.ofSeq (tokenizer.Encode(tokenizer.Decode(tokenizer.Encode text))))
                            (List.ofSeq (tokenizer.Encode text))
                            "round trip"

                    for q in scene.Questions() do
                        Expect.hasLength (tokenizer.Encode q.Question) (words q.Question).Length q.Question
                        Expect.hasLength (tokenizer.Encode q.Answer) 1 q.Answer

                Expect.equal (tokenizer.Decode(tokenizer.Encode "zürich שלום")) "zürich שלום" "unknown words are bytes"
                Expect.equal tokenizer.EndOfText (tokenizer.Vocabulary - 1) "the end is the largest id"
                use rows = tokenizer.Encode([| "a red star"; String.replicate 40 "star " |], 8)
                let rows = rows.data<int64>().ToArray() |> Array.chunkBySize 8
                let padded, cut = rows[0], rows[1]
                Expect.equal padded[4..] [| int64 tokenizer.EndOfText; 0L; 0L; 0L |] "padded"
                Expect.equal cut[7] (int64 tokenizer.EndOfText) "cut, and still ended"

            testCase "eighty classes of colour and shape, each in every template"
            <| fun () ->
                let names = ScenePrompts.Names SceneClasses.ColorAndShape
                Expect.hasLength names 80 "classes"

                for scene in many |> List.truncate 100 do
                    Expect.equal names[scene.ClassOf SceneClasses.ColorAndShape] (plain scene) "its class"

                let set = Datasets.SceneCaptions(10, 20).OpenZeroShot()
                Expect.hasLength set.Prompts (80 * ScenePrompts.Templates.Count) "prompts"

                Expect.equal
                    (set.Images.Label 3)
                    (Scene.At(0L, (1L <<< 32) + 3L).ClassOf SceneClasses.ColorAndShape)
                    "labels"

            testCase "noise out of range is named"
            <| fun () ->
                let problems =
                    AltTextNoise(Wrong = 0.8, OffTopic = 0.5, Terse = -0.1).Problems() |> Seq.toList

                Expect.hasLength problems 2 $"{problems}"
                failsSaying [ "at least 1 training" ] (fun () -> Datasets.SceneCaptions(0, 5) |> ignore)
        ]
