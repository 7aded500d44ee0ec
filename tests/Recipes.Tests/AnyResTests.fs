/// Large images in tiles: which grid, which pixels, in which order, how many tokens.
module Recipes.Tests.AnyResTests

open System.Collections.Immutable
open Expecto
open TorchSharp
open Recipes.Data
open Recipes.Models
open Recipes.Tests.Support

let private image width height =
    RgbImage([| for i in 0 .. 3 * width * height - 1 -> byte ((i * 7 + i / 5) % 251) |], width, height)

let private rules resolution = AnyRes.FastVlm resolution

/// LLaVA-NeXT's rule, said another way: no other grid keeps more pixels, and none that keeps as many wastes fewer.
let private better (r: AnyRes) width height (a: TileGrid) (b: TileGrid) =
    let kept (g: TileGrid) =
        let scale =
            min (float (g.Columns * r.Resolution) / float width) (float (g.Rows * r.Resolution) / float height)

        min (int64 (float width * scale) * int64 (float height * scale)) (int64 width * int64 height)

    kept a > kept b || (kept a = kept b && a.Tiles < b.Tiles)

[<Tests>]
let tests =
    torchTests
        "any resolution"
        [
            testCase "the grid keeps most pixels and wastes fewest"
            <| fun () ->
                for width, height, expected in
                    [
                        2048, 2048, "2x2"
                        1024, 2048, "1x2"
                        2048, 1024, "2x1"
                        3072, 1024, "3x1"
                        640, 4000, "1x3"
                        1600, 1200, "2x2"
                        // Every grid keeps all of it; the first of the smallest is taken.
                        500, 500, "1x2"
                    ] do
                    Expect.equal ((rules 1024).Choose(width, height).ToString()) expected $"{width} x {height}"

                for width in [ 1; 90; 333; 1000; 2500 ] do
                    for height in [ 1; 77; 512; 1999; 4096 ] do
                        let rules = rules 384
                        let chosen = rules.Choose(width, height)

                        for other in rules.Grids do
                            Expect.isFalse (better rules width height other chosen) $"{width} x {height}: {other}"

            testCase "tiles are the image's squares, row by row, behind the overview"
            <| fun () ->
                for columns, rows in [ 2, 2; 3, 1; 1, 2 ] do
                    let whole = image (8 * columns) (8 * rows)
                    let cut = (rules 8).Cut whole
                    Expect.hasLength cut (1 + columns * rows) "overview and tiles"
                    Expect.equal cut[0].Rgb (whole.Resize(8, 8, ResizeFilter.Bicubic)).Rgb "overview"

                    for i in 1 .. columns * rows do
                        let left, top = (i - 1) % columns * 8, (i - 1) / columns * 8

                        let square =
                            [|
                                for y in top .. top + 7 do
                                    yield!
                                        whole.Rgb[3 * (y * whole.Width + left) .. 3 * (y * whole.Width + left + 8) - 1]
                            |]

                        Expect.equal cut[i].Rgb square $"tile {i} of {columns}x{rows}"

            testCase "what does not fill the grid stands in its middle, on black"
            <| fun () ->
                // 16 x 10 in a grid of 16 x 16: rows 3 to 12.
                let whole = image 16 10
                let rules = AnyRes(Resolution = 8, Grids = ImmutableArray.Create(TileGrid(2, 2)))
                let cut = rules.Cut whole
                Expect.all cut[1].Rgb[.. 3 * 3 * 8 - 1] ((=) 0uy) "three black rows"
                Expect.equal cut[1].Rgb[3 * 3 * 8 .. 3 * 4 * 8 - 1] whole.Rgb[.. 3 * 8 - 1] "the first row"
                Expect.all cut[4].Rgb[3 * 5 * 8 ..] ((=) 0uy) "and three below"

                use tiles = rules.Apply whole
                Expect.equal (List.ofArray tiles.shape) [ 5L; 3L; 8L; 8L ] "[1 + tiles, 3, R, R]"

                Expect.floatClose
                    Accuracy.high
                    (float (tiles[1, 2, 3, 0].item<float32>()))
                    (float whole.Rgb[2] / 255.0)
                    "blue"

            testCase "tokens follow tile after tile, a tile at a time"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use _ = torch.no_grad ()
                use model = FirstTokenDoubles.vlm.Build 3L
                model.eval ()
                let tiles = (rules 64).Apply(image 128 128)
                let tokens = model.EncodeTiles tiles
                Expect.equal (List.ofArray tokens.shape) [ 5L * 64L; 32L ] "[N·T, H]"
                let each = model.EncodeImages tiles

                let difference = (tokens - each.flatten (0L, 1L)).abs().max().item<float32>()
                Expect.isLessThan difference 1e-5f "as in one batch"
                flat "tiles" (fun () -> model.EncodeTiles(tiles).Dispose())

            testCase "what cannot be cut is said"
            <| fun () ->
                failsSaying [ "0 x 5" ] (fun () -> (rules 8).Choose(0, 5) |> ignore)

                failsSaying [ "grids" ] (fun () ->
                    AnyRes(Resolution = 8, Grids = ImmutableArray.Empty).Choose(5, 5) |> ignore)

                failsSaying [ "not within 4 x 4" ] (fun () -> (image 4 4).Crop(1, 0, 4) |> ignore)
        ]
