module Recipes.Tests.TensorViewTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open SkiaSharp
open TorchSharp
open Recipes.Display
open Recipes.Tests.Support

type private Type = torch.ScalarType

let private text (tensor: torch.Tensor) =
    use _ = tensor
    tensor.View().ToString()

let private lines (texts: string list) = String.Join("\n", texts) + "\n"

let private floats (values: float32 list) (shape: int64 list) =
    torch.tensor(List.toArray values, dtype = Nullable Type.Float32).reshape(List.toArray shape)

/// The pictures of a tensor's HTML, decoded: width, height, and the red, green and blue of a pixel.
let private pictures (tensor: torch.Tensor) =
    use _ = tensor

    [
        for m in Regex.Matches(tensor.View().ToHtml(), "data:image/png;base64,([^\"]+)") ->
            use bitmap = SKBitmap.Decode(Convert.FromBase64String m.Groups[1].Value)

            let pixels =
                Array2D.init bitmap.Height bitmap.Width (fun y x ->
                    let c = bitmap.GetPixel(x, y)
                    int c.Red, int c.Green, int c.Blue)

            bitmap.Width, bitmap.Height, pixels
    ]

let private live () =
    DisposeScopeManager.Statistics.ThreadTotalLiveCount

[<Tests>]
let tests =
    torchTests
        "tensor view"
        [
            testCase "a small tensor in full, aligned as PyTorch prints it"
            <| fun () ->
                Expect.equal
                    (text (floats [ 1.0f; -2.5f; 0.25f; 10.0f ] [ 2L; 2L ]))
                    (lines
                        [
                            "float32 [2, 2] on cpu"
                            "min −2.5  max 10  mean 2.188  std 5.453"
                            "[[ 1.0000, -2.5000],"
                            " [ 0.2500, 10.0000]]"
                        ])
                    "matrix"

                Expect.equal
                    (text (torch.arange(12L).reshape(2L, 2L, 3L)))
                    (lines
                        [
                            "int64 [2, 2, 3] on cpu"
                            "min 0  max 11  mean 5.5  std 3.606"
                            "[[[ 0,  1,  2],"
                            "  [ 3,  4,  5]],"
                            ""
                            " [[ 6,  7,  8],"
                            "  [ 9, 10, 11]]]"
                        ])
                    "stack"

            testCase "a large tensor by its corners"
            <| fun () ->
                Expect.equal
                    (text (torch.arange(1000L).reshape(20L, 50L)))
                    (lines
                        [
                            "int64 [20, 50] on cpu"
                            "min 0  max 999  mean 499.5  std 288.8"
                            "[[  0,   1,   2, …,  47,  48,  49],"
                            " [ 50,  51,  52, …,  97,  98,  99],"
                            " [100, 101, 102, …, 147, 148, 149],"
                            " …,"
                            " [850, 851, 852, …, 897, 898, 899],"
                            " [900, 901, 902, …, 947, 948, 949],"
                            " [950, 951, 952, …, 997, 998, 999]]"
                        ])
                    "corners"

                let deep = text (torch.zeros [| 5L; 5L; 5L; 5L; 5L; 5L; 5L; 5L |])
                Expect.isLessThan deep.Length 10_000 "eight dimensions stay short"
                Expect.stringContains deep "…" "and say that something is left out"

            testCase "long rows are broken"
            <| fun () ->
                let rows = (text (torch.arange (100L))).Split '\n'
                Expect.isTrue (rows |> Array.forall (fun r -> r.Length <= 82)) "at most 80 characters or so"
                Expect.hasLength rows 9 "head, statistics, five or so rows, the end"

            testCase "numbers: whole ones with a point, very different ones with exponents, what is not finite by name"
            <| fun () ->
                let last (t: torch.Tensor) =
                    (text t).TrimEnd().Split('\n') |> Array.last

                Expect.equal (last (floats [ 1.0f; -20.0f ] [ 2L ])) "[  1., -20.]" "whole"
                Expect.equal (last (floats [ 1.0f; 12345.5f ] [ 2L ])) "[1.0000e+00, 1.2346e+04]" "exponents"
                let odd = text (floats [ nanf; infinityf; -infinityf; 2.0f ] [ 4L ])
                Expect.stringContains odd "[ nan,  inf, -inf,   2.]" "values"
                Expect.stringContains odd "min 2  max 2  mean 2  NaN 1  Inf 2" "counted, and left out of the rest"

            testCase "every type, also those without arithmetic"
            <| fun () ->
                for name, dtype in
                    [
                        "uint8", Type.Byte
                        "int8", Type.Int8
                        "int16", Type.Int16
                        "int32", Type.Int32
                        "int64", Type.Int64
                        "float16", Type.Float16
                        "bfloat16", Type.BFloat16
                        "float32", Type.Float32
                        "float64", Type.Float64
                    ] do
                    let shown = text (torch.ones ([| 2L; 2L |], dtype = Nullable dtype))
                    Expect.stringStarts shown $"{name} [2, 2] on cpu\nmin 1  max 1  mean 1  std 0\n[[1" name

                Expect.equal
                    (text (torch.tensor [| true; false; true |]))
                    "bool [3] on cpu\ntrue 2 of 3\n[ true, false,  true]\n"
                    "bool"

                use parts = floats [ 1.0f; 2.0f; 0.5f; -1.0f ] [ 2L; 2L ]

                Expect.equal
                    (text (torch.view_as_complex parts))
                    "complex64 [2] on cpu\n[1.0000+2.0000j, 0.5000-1.0000j]\n"
                    "complex"

                Expect.stringContains
                    (text (torch.tensor [| Int64.MaxValue; Int64.MinValue |]))
                    "min −9,223,372,036,854,775,808  max 9,223,372,036,854,775,807"
                    "exact"

            testCase "scalars, empty, sliced, disposed tensors, tensors without values and with gradients"
            <| fun () ->
                Expect.equal
                    (text (torch.tensor 2.5f))
                    "float32 [] on cpu\nmin 2.5  max 2.5  mean 2.5\n2.5000\n"
                    "scalar"

                Expect.equal (text (torch.zeros (0L, 3L))) "float32 [0, 3] on cpu\n[]\n" "empty"
                use matrix = torch.arange(6L).reshape(2L, 3L)
                Expect.stringContains (text (matrix.t ())) "[[0, 3],\n [1, 4],\n [2, 5]]" "transposed"
                let leaf = torch.ones ([| 2L |], requires_grad = true)
                Expect.stringStarts (text leaf) "float32 [2] on cpu, requires gradient\n" "leaf"
                Expect.equal (leaf.View().ToString()) "disposed tensor\n" "disposed"
                Expect.equal (text (torch.zeros ([| 5L |], device = torch.META))) "float32 [5] on meta\n" "meta"

            testCase "statistics of many values agree with torch's, in pieces and whatever the layout"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                torch.manual_seed 3L |> ignore
                let large = torch.randn (3000L, 3000L) * 2.0 + 100.0

                for tensor in [ large; large.t (); large[torch.TensorIndex.Slice(step = Nullable 3L)] ] do
                    let found = TensorStatistics.Of tensor
                    let exact = tensor.to_type Type.Float64
                    Expect.floatClose Accuracy.high found.Mean (exact.mean().item<float>()) "mean"
                    Expect.floatClose Accuracy.high found.Std (exact.std().item<float>()) "std"
                    Expect.equal found.Min (box (exact.min().item<float>())) "min"
                    Expect.equal found.Max (box (exact.max().item<float>())) "max"

            testCase "bytes and values within 0 to 1 are drawn as they are, in the right places"
            <| fun () ->
                use bytes = torch.zeros ([| 3L; 8L; 10L |], dtype = Nullable Type.Byte)
                bytes[0L, 2L, 5L] <- torch.tensor 200uy
                bytes[2L, 2L, 5L] <- torch.tensor 7uy

                match pictures (bytes.clone ()) with
                | [ 10, 8, pixels ] ->
                    Expect.equal pixels[2, 5] (200, 0, 7) "the pixel"
                    Expect.equal pixels[5, 2] (0, 0, 0) "the others"
                | found -> failtest $"{found.Length} pictures"

                use unit' = floats [ for _ in 1..72 -> 0.5f ] [ 8L; 9L ]
                unit'[1L, 2L] <- torch.tensor 1.0f

                match pictures (unit'.clone ()) with
                | [ 9, 8, pixels ] ->
                    Expect.equal pixels[0, 0] (128, 128, 128) "half"
                    Expect.equal pixels[1, 2] (255, 255, 255) "one"
                | found -> failtest $"{found.Length} pictures"

            testCase "other values are drawn from the least to the greatest, and the range is stated; NaN is magenta"
            <| fun () ->
                use values = floats [ for i in 0..63 -> float32 (i - 32) ] [ 8L; 8L ]
                values[3L, 3L] <- torch.tensor nanf
                let html = values.View().ToHtml()
                Expect.stringContains html "8 × 8, black −32, white 31" "range"

                match pictures (values.clone ()) with
                | [ 8, 8, pixels ] ->
                    Expect.equal pixels[0, 0] (0, 0, 0) "least"
                    Expect.equal pixels[7, 7] (255, 255, 255) "greatest"
                    Expect.equal pixels[3, 3] (255, 0, 255) "NaN"
                | found -> failtest $"{found.Length} pictures"

            testCase "batches are a grid of at most 16; large images are reduced; other shapes are not drawn"
            <| fun () ->
                Expect.hasLength (pictures (torch.rand (20L, 1L, 8L, 8L))) 16 "grid"
                use batch = torch.rand (20L, 3L, 8L, 8L)
                Expect.stringContains (batch.View().ToHtml()) "16 of 20 images" "said so"

                match pictures (torch.rand (2048L, 64L)) with
                | [ 32, 1024, _ ] -> ()
                | found -> failtest $"reduced: {found}"

                for shape: int64 list in
                    [
                        [ 64L ]
                        [ 7L; 64L ]
                        [ 64L; 2049L ]
                        [ 2L; 64L; 64L ]
                        [ 1L; 1L; 3L; 8L; 8L ]
                    ] do
                    Expect.isEmpty (pictures (torch.rand (List.toArray shape))) $"{shape}"

            testCase "looking changes nothing and leaves no tensor behind"
            <| fun () ->
                use scope = torch.NewDisposeScope()

                let tensors =
                    [
                        torch.rand (20L, 3L, 16L, 16L)
                        torch.rand(30L, 40L).t()
                        torch.rand ([| 8L; 8L |], dtype = Nullable Type.BFloat16)
                        torch.ones ([| 3L |], requires_grad = true)
                        torch.tensor 1.0f
                        torch.arange (200L)
                        torch.tensor [| true |]
                        torch.rand ([| 2L |], dtype = Nullable Type.ComplexFloat32)
                    ]

                for tensor in tensors do
                    let before = tensor.detach().clone()
                    let count = live ()
                    tensor.View().ToHtml() |> ignore
                    Expect.equal (live ()) count $"live tensors after {tensor.dtype}"
                    Expect.isTrue (before.Equals(tensor.detach ())) "values"
        ]
