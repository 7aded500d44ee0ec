/// FastVLM from picture files and questions to answers.
module Recipes.Tests.FastVlmAskTests

open System
open System.Collections.Immutable
open System.IO
open Expecto
open TorchSharp
open Recipes.Data
open Recipes.Models
open Recipes.Tests.Support
open Recipes.Tests.ImageDoubles

let private spec vocabulary =
    FastVlmSpec(
        Name = "fastvlm_tiny",
        Vision =
            FastVitSpec(
                Name = "vision_tiny",
                Classes = 8,
                Depths = ImmutableArray.Create(1, 1),
                Widths = ImmutableArray.Create(16, 32),
                Head = FastVitHead.Projection
            ),
        Language =
            Qwen2Spec(
                Name = "qwen2_tiny",
                Width = 32,
                Layers = 2,
                Heads = 4,
                KeyValueHeads = 2,
                Inner = 48,
                Vocabulary = vocabulary,
                TiedHead = true,
                Context = 400,
                RotaryBase = 1e6,
                NormEpsilon = 1e-6
            ),
        ImageSize = 64
    )

/// A picture of two colours, the upper half red.
let private picture folder name =
    let path = Path.Combine(folder, name)

    let pixels =
        Array.init (3 * 40 * 30) (fun i -> if i < 3 * 40 * 15 && i % 3 = 0 then 250uy else 40uy)

    File.WriteAllBytes(path, RgbImage(pixels, 40, 30).ToPng())
    path

[<Tests>]
let tests =
    torchTests
        "fastvlm ask"
        [
            testCase "an answer is made token by token, greedy or drawn, and depends on picture and question"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    TextDoubles.writeSmall folder [ "a b"; "b c" ]
                    let words = Qwen2Tokenizer.Open folder
                    use model = (spec 300).Build 5L
                    model.eval ()
                    let path = picture folder "a.png"
                    let few = SamplingOptions(MaxTokens = 12)
                    let pieces = model.AskStreaming([| path |], "abc?", words, few) |> List.ofSeq
                    let answer = model.Ask(path, "abc?", words, few)
                    Expect.equal (String.Concat pieces) answer "streamed or whole"

                    // The same by hand: pixels, tokens, splicing, then one pass over everything for each token.
                    use scope = torch.NewDisposeScope()
                    use _ = torch.no_grad ()
                    let features = model.EncodeImages(model.Preprocessing.Read(path).unsqueeze 0L)[0]

                    let ids =
                        words.Chat [| ChatTurn.User("abc?", images = 1) |]
                        |> Seq.map int64
                        |> Array.ofSeq

                    let next (made: int64 list) =
                        use rows =
                            torch.tensor(Array.append ids (Array.ofList (List.rev made))).unsqueeze 0L

                        use spliced = model.Splice(rows, [| features |])
                        model.NextOf(model.Hidden(spliced.Embeds)).argmax().item<int64>()

                    let rec go made =
                        let token = next made

                        if
                            List.length made = 12
                            || token = int64 words.TurnEnd
                            || token = int64 words.EndOfText
                        then
                            List.rev made
                        else
                            go (token :: made)

                    Expect.equal answer (words.Decode(go [] |> Seq.map int)) "the same tokens"

                    let drawn seed =
                        model.Ask(
                            path,
                            "abc?",
                            words,
                            SamplingOptions(MaxTokens = 30, Temperature = 2.0, TopP = 0.95, Seed = seed)
                        )

                    Expect.equal (drawn 1L) (drawn 1L) "same seed"
                    Expect.notEqual (drawn 1L) (drawn 2L) "other seed"
                    let two = model.AskStreaming([| path; picture folder "b.png" |], "abc?", words, few)
                    Expect.isNonEmpty (List.ofSeq two) "two pictures"
                    Expect.isNonEmpty (model.AskStreaming([||], "abc?", words, few) |> List.ofSeq) "none")

            testCase "what cannot be asked is said before anything runs"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    TextDoubles.writeSmall folder [ "a b" ]
                    let words = Qwen2Tokenizer.Open folder
                    use model = (spec 300).Build()
                    model.eval ()
                    let path = picture folder "a.png"
                    let missing = Path.Combine(folder, "none.png")
                    failsSaying [ "none.png" ] (fun () -> model.Ask(missing, "abc?", words) |> ignore)

                    failsSaying [ "TopP" ] (fun () ->
                        model.Ask(path, "abc?", words, SamplingOptions(TopP = 2.0)) |> ignore)

                    failsSaying [ "fastvlm_tiny"; "recipes data get weights/fastvlm_tiny" ] (fun () ->
                        model.Ask(path, "abc?") |> ignore)

                    use small = (spec 100).Build()

                    failsSaying [ "knows 260 tokens, the network 100" ] (fun () ->
                        small.Ask(path, "abc?", words) |> ignore))
        ]
