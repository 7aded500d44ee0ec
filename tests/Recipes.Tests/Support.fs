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

/// The same step over and over leaves as many tensors behind as before; the first may still set something up.
let flat what (step: unit -> unit) =
    let counts =
        [
            for _ in 1..5 do
                step ()
                TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount
        ]

    Expect.hasLength (counts |> List.skip 1 |> List.distinct) 1 $"{what}: live tensors after each step: {counts}"

/// Tests that use libtorch's global state (threads, seeds, live counts) run one after another.
let torchTests name tests =
    testSequencedGroup "torch" (testList name tests)

/// What libtorch 2.10's oneDNN does not survive on some processors: it divides by zero (SIGFPE in brgemm 1x1) on small images.
let probeOneDnn () =
    TorchSharp.torch.set_num_threads 2

    for name in [ "fastvit_sa12"; "mobileone_s0" ] do
        use model = Recipes.Models.Zoo.Spec(name, 10).Build()

        for size in [ 64L; 96L ] do
            use scope = TorchSharp.torch.NewDisposeScope()
            model.call(TorchSharp.torch.rand (2L, 3L, size, size)).mean().backward()

// In a process of its own, which may die of it.
let private oneDnnIsSound =
    lazy
        (let own = Path.Combine(AppContext.BaseDirectory, "Recipes.Tests.dll")

         let start =
             Diagnostics.ProcessStartInfo(
                 "dotnet",
                 [| own; "--probe-onednn" |],
                 RedirectStandardOutput = true,
                 RedirectStandardError = true
             )

         use child = Diagnostics.Process.Start start
         child.StandardOutput.ReadToEnd() |> ignore
         child.WaitForExit()
         child.ExitCode = 0)

/// Skips where libtorch's oneDNN does not survive small images.
let soundOneDnn () =
    if not oneDnnIsSound.Value then
        skiptest "skipped: libtorch 2.10's oneDNN divides by zero (SIGFPE in brgemm 1x1) on this kind of processor"
