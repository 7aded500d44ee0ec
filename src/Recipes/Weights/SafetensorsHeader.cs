using System.Text.Json;
using System.Text.Unicode;

namespace Recipes.Weights;

/// <summary>A checked header: the entries in the header's order, and the metadata.</summary>
internal sealed record SafetensorsHeader(IReadOnlyList<Entry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Longest header that is read, as in the reference implementation.</summary>
    public const long MaxLength = 100_000_000;

    /// <summary>Most dimensions that torch's kernels take.</summary>
    public const int MaxRank = 64;

    /// <summary>The key of the metadata among the tensors' names.</summary>
    public const string MetadataKey = "__metadata__";

    /// <summary>Reads the header's JSON and checks every claim in it against the bytes of data that follow. Nothing is
    /// allocated from a number in the header: memory grows with the header's own length only.</summary>
    /// <param name="json">The header, without its length.</param>
    /// <param name="dataLength">The bytes that the file holds after the header.</param>
    /// <param name="path">The file, for the error.</param>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, string path)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
            throw Bad(path, $"the header begins with {(json.IsEmpty ? "nothing" : $"byte 0x{json[0]:x2}")}, not with '{{'");
        if (!Utf8.IsValid(json))
            throw Bad(path, "the header is not UTF-8");
        var parser = new SafetensorsHeaderParser();
        try
        {
            parser.Parse(json);
        }
        catch (JsonException e)
        {
            parser.Problems.Add($"the header is not JSON: {e.Message}");
            throw Bad(path, parser.Problems, e);
        }
        var problems = parser.Problems;
        // A range that could not be read would make its neighbours look like holes.
        if (parser.AllRangesRead)
            CheckLayout(parser.Entries, dataLength, problems);
        if (problems.Count > 0)
            throw Bad(path, problems);
        return new SafetensorsHeader(parser.Entries, parser.Metadata);
    }

    /// <summary>The error for a file that cannot be used.</summary>
    public static RecipesException Bad(string path, ProblemList problems, Exception? inner = null)
    {
        var count = problems.Count == 1 ? "1 problem" : $"{problems.Count} problems";
        return new RecipesException(
            $"{path} is not a usable safetensors file ({count}, nothing read); get or write it again:",
            problems.Lines,
            inner
        );
    }

    /// <summary>The same with one problem.</summary>
    public static RecipesException Bad(string path, string problem, Exception? inner = null)
    {
        var problems = new ProblemList();
        problems.Add(problem);
        return Bad(path, problems, inner);
    }

    // The ranges must tile the data exactly: no overlap, no hole, nothing before or after.
    private static void CheckLayout(IReadOnlyList<Entry> entries, long dataLength, ProblemList problems)
    {
        long end = 0;
        string? previous = null;
        foreach (var e in entries.OrderBy(e => e.Offset).ThenBy(e => e.Length))
        {
            if (e.Offset < end)
                problems.Add($"{e.Name}: its data begins at {e.Offset} and overlaps {previous}, which ends at {end}");
            else if (e.Offset > end)
                problems.Add($"{e.Name}: its data begins at {e.Offset}, a hole after {previous ?? "the header"}, which ends at {end}");
            if (e.Offset + e.Length < end)
                continue;
            end = e.Offset + e.Length;
            previous = e.Name;
        }
        if (end > dataLength)
            problems.Add($"{previous}: its data ends at {end}, but the file holds {dataLength} bytes of data (cut short?)");
        else if (end < dataLength)
            problems.Add($"{dataLength - end} bytes follow the last tensor{(previous is null ? "" : $", {previous}")}");
    }
}
