/// What several test files share: temporary folders, the shared reference data, assertions on errors.
module Recipes.Tests.Support

open System
open System.IO
open Expecto
open Recipes

/// The checkout's root: the nearest folder above the test assembly that holds Recipes.sln.
let root =
    let rec up (folder: DirectoryInfo) =
        if isNull folder then
            failwith "no Recipes.sln above the test assembly"
        elif File.Exists(Path.Combine(folder.FullName, "Recipes.sln")) then
            folder.FullName
        else
            up folder.Parent

    up (DirectoryInfo AppContext.BaseDirectory)

/// A file or folder of ../shared; the test is skipped, with the reason, where it is not there.
let shared (relative: string) =
    let path = Path.GetFullPath(Path.Combine(root, "..", "shared", relative))

    if File.Exists path || Directory.Exists path then
        path
    else
        skiptest $"skipped: ../shared/{relative} is not on this machine"

/// Runs a test in a temporary folder of its own, removed afterwards.
let inTemporaryFolder (test: string -> unit) =
    let folder = Directory.CreateTempSubdirectory("recipes-").FullName

    try
        test folder
    finally
        Directory.Delete(folder, recursive = true)

/// The action fails with a RecipesException whose message holds every one of these fragments.
let failsSaying (fragments: string list) (action: unit -> unit) =
    let message =
        try
            action ()
            None
        with :? RecipesException as e ->
            Some e.Message

    match message with
    | None -> failtest "expected a RecipesException, but the call succeeded"
    | Some text ->
        for fragment in fragments do
            Expect.stringContains text fragment "the error's text"

/// Tests run beside each other, so that no second is what it is on an idle machine: what takes a second there is waited for this
/// long. How fast things are, the benchmarks say.
let patience = TimeSpan.FromSeconds 30.0

/// Tests that use libtorch's global state (threads, seeds, live counts) run one after another.
let torchTests name tests =
    testSequencedGroup "torch" (testList name tests)

/// Skips where libtorch 2.10's oneDNN divides by zero (SIGFPE in brgemm 1x1) on small images.
let soundOneDnn () =
    if File.Exists "/proc/cpuinfo" then
        let cpu = File.ReadAllText "/proc/cpuinfo"

        if cpu.Contains "AuthenticAMD" && cpu.Contains "avx512f" then
            skiptest "skipped: libtorch 2.10's oneDNN divides by zero (SIGFPE in brgemm 1x1) on this kind of processor"
