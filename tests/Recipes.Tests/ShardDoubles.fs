/// Samples, tars and captioned folders made on the spot.
module Recipes.Tests.ShardDoubles

open System
open System.Formats.Tar
open System.IO
open System.Text
open System.Text.Json.Nodes
open Expecto
open Recipes.Data

/// A PNG of one colour, so large.
let picture side (r: byte, g: byte, b: byte) =
    ImageBytes.ToPng(ReadOnlySpan(Array.init (3 * side * side) (fun i -> [| r; g; b |][i % 3])), side, side)

let utf8 (text: string) = Encoding.UTF8.GetBytes text

/// A sample of these members.
let sample key members =
    ShardSample(
        key,
        [|
            for extension, bytes: byte[] in members -> ShardMember(extension, ReadOnlyMemory bytes)
        |]
    )

/// Picture and caption number i.
let captioned i =
    sample
        $"s{i:D5}"
        [
            "png", picture 8 (byte i, 2uy, 3uy)
            "txt", utf8 $"picture {i}"
            "json", utf8 $"""{{"n":{i}}}"""
        ]

/// A tar of these members as another program might write it.
let tarAs (format: TarEntryFormat) members =
    use memory = new MemoryStream()

    using (new TarWriter(memory, format, true)) (fun tar ->
        for name: string, bytes: byte[] in members do
            let entry: TarEntry =
                match format with
                | TarEntryFormat.Pax -> PaxTarEntry(TarEntryType.RegularFile, name)
                | TarEntryFormat.Ustar -> UstarTarEntry(TarEntryType.RegularFile, name)
                | TarEntryFormat.V7 -> V7TarEntry(TarEntryType.V7RegularFile, name)
                | _ -> GnuTarEntry(TarEntryType.RegularFile, name)

            entry.DataStream <- new MemoryStream(bytes)
            tar.WriteEntry entry)

    memory.ToArray()

let tar members = tarAs TarEntryFormat.Ustar members

/// Writes a file and gives its path.
let write folder (name: string) (bytes: byte[]) =
    let path = Path.Combine(folder, name)
    Directory.CreateDirectory(Path.GetDirectoryName path) |> ignore
    File.WriteAllBytes(path, bytes)
    path

/// Name and content of three good samples.
let threeSamples =
    [
        for i in 0..2 do
            yield $"k{i}.png", picture 8 (byte i, 0uy, 0uy)
            yield $"k{i}.txt", utf8 $"text {i}"
    ]

let keys (set: ShardSet) =
    [ for i in 0 .. set.Count - 1 -> set.Key i ]

let reasons (problems: SampleProblem seq) = [ for p in problems -> p.Reason ]

let skipping (path: string) = ShardSet.Open(path, BadSamples.Skip)

let captionKeys (set: ICaptionedSet) =
    [ for i in 0 .. set.Count - 1 -> set.Key i ]

/// A source's bad samples as (reason, kept, count).
let findings (set: ICaptionedSet) =
    [ for f in set.Report().Findings -> f.Reason, f.Kept, f.Count ]

/// Name and bytes of all files of a folder but locks.
let contents folder =
    [
        for path in Directory.GetFiles folder |> Array.sort do
            if not (path.EndsWith ".lock") then
                yield Path.GetFileName path, Convert.ToHexString(File.ReadAllBytes path)
    ]


/// What a manifest says of its work.
let facts (teacher: string) =
    let facts = JsonObject()
    facts["teachers"] <- JsonArray(JsonValue.Create teacher)
    facts
