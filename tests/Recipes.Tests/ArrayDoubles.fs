/// Arrays of every type and shape, and what others (the system's Python) make of files.
module Recipes.Tests.ArrayDoubles

open System
open System.Collections.Generic
open System.Diagnostics
open System.IO
open Expecto
open Recipes
open Recipes.Weights

let pair (name: string) (array: DenseArray) = KeyValuePair(name, array)

let bytes count =
    let mutable rng = Rng.Stream(5L, "arrays")
    Array.init count (fun _ -> byte (rng.NextInt 2))

let arrays types =
    [
        for dtype: Dtype in types do
            for shape in [ [| 3L; 4L |]; [| 5L |]; [||]; [| 2L; 0L; 3L |] ] do
                let count = int (Array.fold (*) 1L shape) * dtype.Bits() / 8
                pair $"{dtype}_{shape.Length}" (DenseArray(dtype, shape, ReadOnlyMemory(bytes count)))
    ]

let numpyTypes =
    [
        Dtype.BOOL
        Dtype.U8
        Dtype.I8
        Dtype.I16
        Dtype.U16
        Dtype.F16
        Dtype.I32
        Dtype.U32
        Dtype.F32
        Dtype.C64
        Dtype.F64
        Dtype.I64
        Dtype.U64
    ]

let torchTypes =
    [
        Dtype.BOOL
        Dtype.U8
        Dtype.I16
        Dtype.F16
        Dtype.BF16
        Dtype.I32
        Dtype.F32
        Dtype.F64
        Dtype.I64
    ]

/// Runs the system's Python; skips with the reason where it or a module is missing.
let python (modules: string) (script: string) (arguments: string list) =
    let run code arguments =
        use child =
            Process.Start(
                ProcessStartInfo(
                    "/usr/bin/python3",
                    [ "-c"; code ] @ arguments,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true
                )
            )

        let output = child.StandardOutput.ReadToEndAsync()
        let error = child.StandardError.ReadToEnd()
        child.WaitForExit()
        child.ExitCode, output.Result.Trim(), error

    if not (File.Exists "/usr/bin/python3") then
        skiptest "skipped: no /usr/bin/python3"

    match run $"import {modules}" [] with
    | 0, _, _ ->
        let code, output, error = run script arguments
        Expect.equal code 0 $"python: {error}"
        output
    | _ -> skiptest $"skipped: the system's Python lacks {modules} (Debian: apt install python3-torch python3-numpy)"
