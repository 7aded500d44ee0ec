/// Deterministic damage to files, and how much of it: 500 cases a kind, or what RECIPES_FUZZ says.
module Recipes.Tests.FuzzDoubles

open System
open System.Buffers.Binary
open System.Diagnostics
open Expecto
open Recipes

/// Cases of each kind. `RECIPES_FUZZ=20000` for a long run by hand.
let cases =
    match Environment.GetEnvironmentVariable "RECIPES_FUZZ" with
    | null
    | "" -> 500
    | count -> int count

let private interesting =
    [|
        0u
        1u
        0x7fu
        0x80u
        0xffu
        0x7fffu
        0xffffu
        0x10000u
        0x7fffffffu
        0x80000000u
        0xffffffffu
    |]

let private bytes (rng: byref<Rng>) count =
    let result = Array.zeroCreate count

    for i in 0 .. count - 1 do
        result[i] <- byte (rng.NextInt 256)

    result

/// One of eight kinds of damage at a random place.
let private damage (rng: byref<Rng>) (file: byte[]) =
    let at = rng.NextInt(max file.Length 1)
    let length = rng.NextInt(1, 33)
    let upTo = min (at + length) file.Length

    match rng.NextInt 9 with
    | _ when file.Length = 0 -> bytes &rng length
    | 0 -> file[.. at - 1]
    | 1 -> Array.concat [ file[.. at - 1]; file[upTo..] ]
    | 2 -> Array.concat [ file[.. at - 1]; bytes &rng length; file[at..] ]
    | 3 -> Array.concat [ file[.. upTo - 1]; file[at..] ]
    | 4
    | 5 ->
        let copy = Array.copy file
        copy[at] <- copy[at] ^^^ byte (1 <<< rng.NextInt 8)
        copy
    | 6 ->
        let copy = Array.copy file
        copy[at] <- byte (rng.NextInt 256)
        copy
    | _ ->
        let copy = Array.copy file
        let value = interesting[rng.NextInt interesting.Length]
        let number = Array.zeroCreate 4

        if rng.NextBool() then
            BinaryPrimitives.WriteUInt32BigEndian(Span number, value)
        else
            BinaryPrimitives.WriteUInt32LittleEndian(Span number, value)

        Array.blit number 0 copy at (min 4 (copy.Length - at))
        copy

/// The file of one case: a seed file with one to four kinds of damage.
let mutation (name: string) (seeds: byte[] list) case =
    let mutable rng = Rng.Stream(0L, "fuzz " + name, int64 case)
    let mutable file = seeds[rng.NextInt seeds.Length]

    for _ in 0 .. rng.NextInt 4 do
        file <- damage &rng file

    file

/// Every case is read or refused with one error that names the file; how many were read. No case takes ten seconds.
let survives name seeds (fileName: string) (read: byte[] -> unit) =
    let mutable good = 0

    for case in 0 .. cases - 1 do
        let watch = Stopwatch.StartNew()

        try
            read (mutation name seeds case)
            good <- good + 1
        with
        | :? RecipesException as e ->
            Expect.stringContains e.Message fileName $"{name}, case {case}: the error names the file"
        | e -> failtest $"{name}, case {case}: {e}"

        Expect.isLessThan watch.Elapsed Recipes.Tests.Support.patience $"{name}, case {case}"

    Expect.isGreaterThan good 0 $"{name}: some cases are whole enough"
    Expect.isLessThan good cases $"{name}: some cases are not"
    good
