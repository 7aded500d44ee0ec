module Recipes.Tests.ShardKillTests

open System
open System.Diagnostics
open System.IO
open System.Text.Json.Nodes
open System.Threading
open Expecto
open Recipes
open Recipes.Data
open Recipes.Tests.Support
open Recipes.Tests.ShardDoubles

/// What the killed child and its parent both run; the child takes some 8 s, and is killed at its first shard.
let private slow pause folder =
    ShardedWork.Run(
        folder,
        40,
        facts "slow",
        fun shard ->
            seq {
                for i in 0..19 do
                    Thread.Sleep(pause: int)
                    captioned (20 * shard + i)
            }
    )

let private childFolder = Environment.GetEnvironmentVariable "RECIPES_TEST_SHARDS"

let private startChild (folder: string) =
    let assembly = Reflection.Assembly.GetExecutingAssembly().Location
    let arguments = [ assembly; "--filter-test-case"; "child writing shards" ]

    let start =
        ProcessStartInfo("dotnet", arguments, RedirectStandardOutput = true, RedirectStandardError = true)

    start.Environment["RECIPES_TEST_SHARDS"] <- folder
    let child = Process.Start start
    child.BeginOutputReadLine()
    child.BeginErrorReadLine()
    child

let private until (child: Process) (condition: unit -> bool) =
    let clock = Stopwatch.StartNew()

    while not (condition ()) && not child.HasExited && clock.Elapsed.TotalSeconds < 60.0 do
        Thread.Sleep 1

let private tars folder =
    if Directory.Exists folder then
        Directory.GetFiles(folder, "*.tar").Length
    else
        0

[<Tests>]
let tests =
    testList
        "shard kill"
        [
            testCase "child writing shards"
            <| fun () ->
                if not (isNull childFolder) then
                    slow 10 childFolder |> ignore

            testCase "after kill -9 finished shards stand and the work goes on without loss or duplicates"
            <| fun () ->
                if isNull childFolder then
                    inTemporaryFolder (fun folder ->
                        let killed, whole = Path.Combine(folder, "killed"), Path.Combine(folder, "whole")
                        let mutable atWork = 0

                        for delay in [ 0; 17; 31 ] do
                            use child = startChild killed
                            let before = tars killed
                            until child (fun () -> tars killed > before)
                            Thread.Sleep(delay: int)

                            if not child.HasExited then
                                failsSaying [ "another process writes shards here" ] (fun () ->
                                    slow 0 killed |> ignore)

                                atWork <- atWork + 1

                            child.Kill()
                            child.WaitForExit()

                        Expect.isGreaterThan atWork 0 "at least one child was killed at work"
                        let had = tars killed
                        Expect.isLessThan had 40 "work was left"
                        slow 0 killed |> ignore
                        slow 0 whole |> ignore
                        Expect.equal (contents killed) (contents whole) "as if never killed"
                        use set = ShardSet.Open killed
                        Expect.equal (keys set) [ for i in 0..799 -> $"s{i:D5}" ] "each sample once, in order")
        ]
