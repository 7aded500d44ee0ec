/// Laws of decoders: a cache changes no result, padding changes no token, nothing is left behind.
module Recipes.Tests.DecoderTests

open Expecto
open Recipes.Models
open Recipes.Tests.DecoderDoubles
open Recipes.Tests.Support
open Recipes.Training
open TorchSharp

let private tolerance = 1e-5

/// Hidden states of the parts one after another, with one cache.
let private inParts (model: Decoder) (tokens: torch.Tensor) (parts: int list) =
    use cache = model.Cache()

    let states =
        parts
        |> List.scan (+) 0
        |> List.pairwise
        |> List.map (fun (from, till) -> model.Hidden(model.Embed(columns from till tokens), cache = cache))

    Expect.equal cache.Length (int64 (List.sum parts)) "tokens in the cache"
    torch.cat (ResizeArray states, 1L)

[<Tests>]
let tests =
    torchTests
        "decoders"
        [
            for name, spec in specs do
                testCase $"{name}: a prompt and steps with the cache equal one pass"
                <| fun () ->
                    use _ = torch.no_grad ()
                    use scope = torch.NewDisposeScope()
                    use model = build spec
                    let tokens = ids spec 2 24
                    let whole = model.Hidden(model.Embed tokens)

                    for parts in [ [ 24 ]; 8 :: List.replicate 16 1; [ 5; 7; 1; 11 ]; List.replicate 24 1 ] do
                        let found = inParts model tokens parts
                        Expect.isLessThan (difference whole found) tolerance $"parts of {parts}"

                    use cache = model.Cache(4L)
                    model.Next(columns 0 23 tokens, cache) |> ignore
                    let last = model.Next(columns 23 24 tokens, cache)
                    let logits = model.call tokens
                    Expect.isLessThan (difference (logits.select (1L, 23L)) last) tolerance "logits of the last token"

                testCase $"{name}: tokens see those before them and no others"
                <| fun () ->
                    use _ = torch.no_grad ()
                    use scope = torch.NewDisposeScope()
                    use model = build spec
                    let tokens = ids spec 1 12
                    let before = model.call tokens
                    let changed = tokens.clone ()
                    changed[0L, 8L] <- torch.tensor ((tokens[0L, 8L].item<int64>() + 1L) % 101L)
                    let after = model.call changed

                    Expect.isLessThan
                        (difference (columns 0 8 before) (columns 0 8 after))
                        tolerance
                        "tokens before the change"

                    for i in 8..11 do
                        Expect.isGreaterThan
                            (difference (columns i (i + 1) before) (columns i (i + 1) after))
                            1e-3
                            $"token {i}"

                testCase $"{name}: padding, left or right, changes no token"
                <| fun () ->
                    use _ = torch.no_grad ()
                    use scope = torch.NewDisposeScope()
                    use model = build spec
                    let tokens = ids spec 2 16
                    let alone = model.call (columns 0 9 (row 1 tokens))
                    let mask = torch.ones (2L, 16L, dtype = torch.int64)

                    let logits (mask: torch.Tensor) (tokens: torch.Tensor) =
                        model.Logits(model.Hidden(model.Embed tokens, mask))

                    let right = mask.clone ()
                    right[1L].narrow(0L, 9L, 7L).zero_() |> ignore
                    let padded = logits right tokens
                    Expect.isLessThan (difference alone (columns 0 9 (row 1 padded))) tolerance "right"

                    Expect.isLessThan
                        (difference (model.call (row 0 tokens)) (row 0 padded))
                        tolerance
                        "the row without padding"

                    Expect.isLessThan
                        (difference (alone.select (1L, 8L)) (row 1 (model.Next(tokens, mask = right))))
                        tolerance
                        "the last token that is no padding"

                    let moved = tokens.roll (7L, 1L)
                    let left = right.roll (7L, 1L)
                    Expect.isLessThan (difference alone (columns 7 16 (row 1 (logits left moved)))) tolerance "left"
                    Expect.isFalse ((logits left moved).isnan().any().item<bool>()) "padding gives numbers"

                testCase $"{name}: padded rows go on with the cache as they would alone"
                <| fun () ->
                    use _ = torch.no_grad ()
                    use scope = torch.NewDisposeScope()
                    use model = build spec
                    let prompt, answer = columns 0 10 (ids spec 2 16), columns 10 16 (ids spec 2 16)
                    let mask = torch.ones (2L, 10L, dtype = torch.int64)
                    mask[1L].narrow(0L, 6L, 4L).zero_() |> ignore
                    use cache = model.Cache()
                    model.Next(prompt, cache, mask) |> ignore

                    let steps = [ for i in 0..5 -> model.Next(columns i (i + 1) answer, cache) ]

                    let whole = torch.cat ([| columns 0 6 (row 1 prompt); (row 1 answer) |], 1L)
                    let alone = columns 6 12 (model.call whole)
                    let found = row 1 (torch.stack (ResizeArray steps, 1L))
                    Expect.isLessThan (difference alone found) tolerance "the row that was padded"

                testCase $"{name}: live tensors are flat over forwards, steps and training"
                <| fun () ->
                    use model = build spec
                    let tokens = ids spec 2 12
                    let mask = torch.ones (2L, 12L, dtype = torch.int64)
                    mask[1L].narrow(0L, 9L, 3L).zero_().Dispose()

                    do
                        use _ = torch.no_grad ()
                        flat "forward" (fun () -> (model.call tokens).Dispose())
                        flat "padded" (fun () -> (model.Next(tokens, mask = mask)).Dispose())
                        use cache = model.Cache()
                        use one = columns 0 1 tokens

                        flat "steps" (fun () ->
                            for _ in 1..8 do
                                (model.Next(one, cache)).Dispose())

                    use optimizer = torch.optim.SGD(model.parameters (), 0.01)

                    flat "training" (fun () ->
                        use scope = torch.NewDisposeScope()
                        let loss = TokenLoss.CrossEntropy(model.call tokens, tokens, 1e-4)
                        optimizer.zero_grad ()
                        loss.backward ()
                        optimizer.step () |> ignore)

                testCase $"{name}: bfloat16 computes the same to its precision, with the cache too"
                <| fun () ->
                    use scope = torch.NewDisposeScope()
                    use _ = torch.no_grad ()
                    use half = build spec
                    half.``to`` torch.bfloat16 |> ignore
                    // The same weights, which bfloat16 holds exactly.
                    use full = build spec

                    for struct (name, p) in half.named_parameters () do
                        full.state_dict().[name].copy_(p.``to`` torch.float32) |> ignore

                    let tokens = ids spec 2 20
                    let expected = full.call tokens
                    let found = half.call(tokens).``to`` torch.float32
                    Expect.isLessThan (difference expected found) 0.03 "in one pass"
                    let states = inParts half tokens [ 9; 1; 10 ]
                    let stepped = half.Logits(states).``to`` torch.float32
                    Expect.isLessThan (difference expected stepped) 0.03 "in steps"

                testCase $"{name}: equal seeds give equal weights, a copy computes the same"
                <| fun () ->
                    use _ = torch.no_grad ()
                    use scope = torch.NewDisposeScope()
                    use a = spec.Build 5L
                    use b = spec.Build 5L
                    use other = spec.Build 6L
                    let digest = Recipes.Weights.StateDict.Digest
                    Expect.equal (digest a) (digest b) "seed 5 twice"
                    Expect.notEqual (digest a) (digest other) "seed 6"
                    use copy = Recipes.Layers.Modules.Copy other
                    let tokens = ids spec 1 8
                    Expect.equal (difference (other.call tokens) (copy.call tokens)) 0.0 "logits of the copy"
        ]
