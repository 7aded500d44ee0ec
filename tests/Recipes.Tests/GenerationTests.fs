/// Sampling and text from decoders.
module Recipes.Tests.GenerationTests

open System
open Expecto
open TorchSharp
open Recipes.Models
open Recipes.Tests.Support

let private sampled (options: SamplingOptions) (logits: float32 list) count =
    let sampler = TokenSampler options
    use logits = torch.tensor (Array.ofList logits)
    [ for _ in 1..count -> sampler.Next logits ]

let private share token (tokens: int64 list) =
    float (tokens |> List.filter ((=) token) |> List.length) / float tokens.Length

[<Tests>]
let tests =
    torchTests
        "generation"
        [
            testCase "greedy takes the likeliest; equal seeds draw equal tokens"
            <| fun () ->
                let logits = [ 0.1f; 2.0f; 1.9f; -1.0f ]
                Expect.allEqual (sampled SamplingOptions.Greedy logits 5) 1L "greedy"

                let drawn seed =
                    sampled (SamplingOptions(Temperature = 1.0, Seed = seed)) logits 40

                Expect.equal (drawn 3L) (drawn 3L) "same seed"
                Expect.notEqual (drawn 3L) (drawn 4L) "other seed"

            testCase "draws follow the distribution; temperature sharpens it; top-p cuts the tail"
            <| fun () ->
                let logits = [ log 0.6f; log 0.3f; log 0.08f; log 0.02f ]

                let draw temperature p =
                    sampled (SamplingOptions(Temperature = temperature, TopP = p)) logits 4000

                let close expected found what =
                    Expect.isLessThan (abs (found - expected)) 0.03 $"{what}: {found}"

                let plain = draw 1.0 1.0

                [ 0.6; 0.3; 0.08; 0.02 ]
                |> List.iteri (fun i p -> close p (share (int64 i) plain) $"token {i}")

                let sharp = draw 0.5 1.0
                close (0.36 / 0.4568) (share 0L sharp) "squares of the probabilities"
                let nucleus = draw 1.0 0.85
                Expect.equal (List.distinct nucleus |> List.sort) [ 0L; 1L ] "0.6 + 0.3 reach 0.85"
                close (2.0 / 3.0) (share 0L nucleus) "of what is left"
                Expect.allEqual (draw 1.0 0.5) 0L "the first always stays"

            testCase "generation equals asking anew for each token, and ends where it should"
            <| fun () ->
                use model = DecoderDoubles.build (DecoderDoubles.qwen true)
                let prompt = [| 3L; 14L; 15L |]

                let next (tokens: int64 array) =
                    use scope = torch.NewDisposeScope()
                    use _ = torch.no_grad ()
                    model.Next(torch.tensor(tokens).unsqueeze 0L).argmax().item<int64>()

                let anew =
                    let step (row, made) _ =
                        let token = next row
                        Array.append row [| token |], token :: made

                    List.fold step (prompt, []) [ 1..12 ] |> snd |> List.rev

                let generated options =
                    model.Generate(prompt, options) |> List.ofSeq

                Expect.equal (generated (SamplingOptions(MaxTokens = 12))) anew "greedy"
                let stop = anew[5]
                let first = List.findIndex ((=) stop) anew

                Expect.equal
                    (generated (SamplingOptions(MaxTokens = 12, Stop = [| stop |])))
                    (List.truncate first anew)
                    "stop"

                Expect.isEmpty (generated (SamplingOptions(MaxTokens = 0))) "nothing asked for"
                Expect.hasLength (generated (SamplingOptions(MaxTokens = 500))) (64 - 3 + 1) "the context is full"

                let drawn =
                    SamplingOptions(MaxTokens = 10, Temperature = 0.8, TopP = 0.9, Seed = 2L)

                Expect.equal (generated drawn) (generated drawn) "drawn twice"

            testCase "tokens come one by one, and nothing is left behind"
            <| fun () ->
                use model = DecoderDoubles.build (DecoderDoubles.qwen true)

                let take count =
                    model.Generate([| 3L; 4L |]) |> Seq.truncate count |> List.ofSeq

                take 2 |> ignore
                let before = DisposeScopeManager.Statistics.ThreadTotalLiveCount
                Expect.hasLength (take 3) 3 "stopped by the caller"
                Expect.hasLength (take 7) 7 "again"
                Expect.equal DisposeScopeManager.Statistics.ThreadTotalLiveCount before "live tensors"

            testCase "options and prompts that make no sense are refused"
            <| fun () ->
                failsSaying [ "Temperature is -1"; "TopP is 0"; "MaxTokens is -2" ] (fun () ->
                    TokenSampler(SamplingOptions(Temperature = -1.0, TopP = 0.0, MaxTokens = -2))
                    |> ignore)

                use model = DecoderDoubles.build (DecoderDoubles.qwen true)
                failsSaying [ "token id 200" ] (fun () -> model.Generate([| 200L |]) |> Seq.head |> ignore)

                failsSaying [ "token ids are int64 [B, T]" ] (fun () ->
                    model.Generate(Array.empty<int64>) |> Seq.head |> ignore)
        ]
