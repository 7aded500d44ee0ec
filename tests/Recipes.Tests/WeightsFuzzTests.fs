/// Damaged weights of the three formats: read or refused with one error, nothing else.
module Recipes.Tests.WeightsFuzzTests

open System
open System.Diagnostics
open System.IO
open System.Text
open Expecto
open Recipes.Tests.FuzzDoubles
open Recipes.Tests.PyTorchDoubles
open Recipes.Tests.Support
open Recipes.Weights

let private state =
    dict
        [
            text "conv.weight", view (storage "FloatStorage" "0" 12L) 2L [ 2L; 2L ] [ 4L; 1L ]
            text "conv.bias", tensor "HalfStorage" "1" [ 3L ]
            text "steps", tensor "LongStorage" "2" [ 2L; 1L ]
        ]

let private storages =
    [ "0", floats [ 0f .. 11f ]; "1", Array.init 6 byte; "2", Array.init 16 byte ]

let private safetensors =
    let header =
        """{"__metadata__":{"format":"pt"},"conv.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"conv.bias":{"dtype":"F16","shape":[3],"data_offsets":[16,22]},"steps":{"dtype":"I64","shape":[2,1],"data_offsets":[22,38]}}"""
        |> Encoding.UTF8.GetBytes

    Array.concat [ BitConverter.GetBytes(int64 header.Length); header; Array.init 38 byte ]

let private made write =
    let mutable file = [||]
    inTemporaryFolder (fun folder -> file <- File.ReadAllBytes(write folder: string))
    file

let private readAll path =
    use file = WeightsFile.Open(path, null)

    for entry in file.Entries do
        file.Bytes(entry.Name).Length |> ignore

[<Tests>]
let tests =
    testList
        "weights-fuzz"
        [
            for name, ending, seed in
                [
                    "safetensors", "safetensors", (fun () -> safetensors)
                    "PyTorch zip", "pth", (fun () -> made (fun folder -> checkpoint folder state storages))
                    "PyTorch legacy",
                    "pt",
                    (fun () ->
                        made (fun folder ->
                            legacy
                                folder
                                state
                                [
                                    for key, bytes in storages ->
                                        key,
                                        int64 bytes.Length
                                        / (if key = "0" then 4L
                                           elif key = "1" then 2L
                                           else 8L),
                                        bytes
                                ]))
                ] do
                testCase $"damaged {name} files"
                <| fun () ->
                    inTemporaryFolder
                    <| fun folder ->
                        let path = Path.Combine(folder, "fuzz." + ending)
                        let seed = seed ()
                        File.WriteAllBytes(path, seed)
                        readAll path
                        let watch = Stopwatch.StartNew()

                        let good =
                            survives name [ seed ] ("fuzz." + ending) (fun bytes ->
                                File.WriteAllBytes(path, bytes)
                                readAll path)

                        if cases > 500 then
                            let peak = Process.GetCurrentProcess().PeakWorkingSet64 >>> 20

                            eprintfn
                                "%s: %d cases, %d read, %.1f s, peak %d MiB"
                                name
                                cases
                                good
                                watch.Elapsed.TotalSeconds
                                peak
        ]
