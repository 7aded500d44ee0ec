/// Segment Anything's image encoder against the plain way of what it does.
module Recipes.Tests.SamEncoderTests

open Expecto
open Recipes.Layers
open Recipes.Models
open Recipes.Tests.SamDoubles
open Recipes.Tests.Support
open TorchSharp

let private heads count height width size =
    [ for name in [ "q"; "k"; "v" ] -> values name [ count; height * width; size ] ],
    values "rows" [ 2L * height - 1L; size ],
    values "columns" [ 2L * width - 1L; size ]

[<Tests>]
let tests =
    torchTests
        "sam encoder"
        [
            testCase "attention in pieces, and with positions as channels, is the plain one; so are the gradients"
            <| fun () ->
                for height, width in [ 5L, 7L; 1L, 9L; 6L, 6L ] do
                    use scope = torch.NewDisposeScope()
                    let qkv, rows, columns = heads 3L height width 8L

                    let run mix =
                        let leaves =
                            [ for t in qkv @ [ rows; columns ] -> t.detach().clone().requires_grad_ true ]

                        let places (table: torch.Tensor) n = RelativePositions.Of(table, n)

                        let output: torch.Tensor =
                            mix leaves[0] leaves[1] leaves[2] leaves[3] leaves[4] places

                        (output * values "seed" (List.ofArray output.shape)).sum().backward()
                        output :: [ for leaf in leaves -> leaf.grad ]

                    let expected = run (fun q k v r c _ -> naive q k v r c height width)

                    let folded =
                        run (fun q k v r c at -> DecomposedAttention.Folded(q, k, v, at r height, at c width))

                    for name, a, b in List.zip3 [ "output"; "q"; "k"; "v"; "rows"; "columns" ] expected folded do
                        Expect.isLessThan (difference a b) 1e-5 $"{name} of {height} x {width}"

                    use _ = torch.no_grad ()

                    for elements in [ 1L; 3L * width * height * width; 1L <<< 24 ] do
                        let found =
                            DecomposedAttention.Masked(
                                qkv[0],
                                qkv[1],
                                qkv[2],
                                RelativePositions.Of(rows, height),
                                RelativePositions.Of(columns, width),
                                elements
                            )

                        Expect.isLessThan (difference expected[0] found) 1e-5 $"at most {elements} at once"

            testCase "a block is the plain one, window by window, on a map that windows do not fill"
            <| fun () ->
                use _ = torch.no_grad ()
                use scope = torch.NewDisposeScope()
                use model = build tiny
                let block = model.ImageEncoder.Part<SamBlock> "blocks.0"
                let weights = state block
                let input = values "map" [ 2L; 7L; 9L; 32L ]

                let norm name x =
                    torch.nn.functional.layer_norm (
                        x,
                        [| 32L |],
                        weights[name + ".weight"],
                        weights[name + ".bias"],
                        1e-6
                    )

                let linear name (x: torch.Tensor) =
                    torch.nn.functional.linear (x, weights[name + ".weight"], weights[name + ".bias"])

                let mixed = torch.zeros (2L, 10L, 10L, 32L)
                mixed.narrow(1L, 0L, 7L).narrow(2L, 0L, 9L).copy_(norm "norm1" input) |> ignore

                for image in 0L .. 1L do
                    for row in [ 0L; 5L ] do
                        for column in [ 0L; 5L ] do
                            let part = mixed[image].narrow(0L, row, 5L).narrow(1L, column, 5L)
                            part.copy_ (window weights 4L (part.clone ())) |> ignore

                let x = input + mixed.narrow(1L, 0L, 7L).narrow(2L, 0L, 9L)

                let expected =
                    x
                    + (norm "norm2" x
                       |> linear "mlp.lin1"
                       |> torch.nn.functional.gelu
                       |> linear "mlp.lin2")

                Expect.isLessThan (difference expected (block.call input)) 1e-5 "no gradients: pieces with a mask"
                use _ = torch.enable_grad ()
                Expect.isLessThan (difference expected (block.call input)) 1e-5 "gradients: positions as channels"

            testCase "at another size the tables are interpolated: as a network of that size with such tables"
            <| fun () ->
                use _ = torch.no_grad ()
                use scope = torch.NewDisposeScope()
                use model = build tiny
                use other = tiny.WithImageSize(80).Build()
                let into = state other

                for KeyValue(name, value) in state model do
                    let resized =
                        if name.EndsWith "pos_embed" then
                            let planes = value.permute (0L, 3L, 1L, 2L)

                            torch.nn.functional
                                .interpolate(
                                    planes,
                                    [| 20L; 20L |],
                                    mode = torch.InterpolationMode.Bicubic,
                                    align_corners = false
                                )
                                .permute(0L, 2L, 3L, 1L)
                        elif name.StartsWith "image_encoder.blocks.1.attn.rel_pos" then
                            // Distance i of 39 lies at (i + 0.5)·31/39 - 0.5 of the 31 that there are.
                            let row i =
                                let at = max 0.0 ((float i + 0.5) * 31.0 / 39.0 - 0.5)
                                let low = min 30 (int at)
                                let share = at - float low

                                value[int64 low] * (1.0 - share).ToScalar()
                                + value[int64 (min 30 (low + 1))] * share.ToScalar()

                            torch.stack (ResizeArray [ for i in 0..38 -> row i ])
                        else
                            value

                    into[name].copy_ resized |> ignore

                let input = values "image" [ 1L; 3L; 80L; 80L ]
                let found = model.ImageEncoder.call input
                Expect.sequenceEqual found.shape [| 1L; 32L; 20L; 20L |] "map"
                Expect.isLessThan (difference (other.ImageEncoder.call input) found) 1e-5 "interpolated by hand"

                Expect.sequenceEqual
                    (model.ImageEncoder.call (values "image" [ 1L; 3L; 20L; 96L ])).shape
                    [| 1L; 32L; 5L; 24L |]
                    "oblong"
        ]
