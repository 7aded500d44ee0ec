using System.Text.Json;

namespace Recipes.Data;

/// <summary>Looks at the contents of a shard's samples.</summary>
public interface ISampleCheck
{
    /// <summary>What is wrong with a sample; nothing for samples that the check has nothing to say about. Called from several threads.</summary>
    /// <param name="source">The shard's path, to stand in the problems.</param>
    /// <param name="sample">All members of the sample.</param>
    IEnumerable<SampleProblem> Problems(string source, ShardSample sample);
}

/// <summary>The checks that <c>recipes data verify</c> makes on every sample of a shard.</summary>
public static class SampleChecks
{
    /// <summary>All of them. A codec of sample contents adds its own here.</summary>
    public static IReadOnlyList<ISampleCheck> All { get; } = [new PictureCheck(), new JsonCheck(), new ReinforcedSampleCheck()];
}

/// <summary>Every picture can be decoded.</summary>
public sealed class PictureCheck : ISampleCheck
{
    private const int Small = 32;

    /// <inheritdoc/>
    public IEnumerable<SampleProblem> Problems(string source, ShardSample sample)
    {
        foreach (var (extension, bytes) in sample.Members)
        {
            if (
                CaptionedShards.PictureExtensions.Contains(extension, StringComparer.Ordinal)
                && Error(bytes, $"{sample.Key}.{extension}") is { } error
            )
                yield return new SampleProblem(source, sample.Key, "picture cannot be decoded", error);
        }
    }

    private static string? Error(ReadOnlyMemory<byte> bytes, string name)
    {
        try
        {
            ImageDecoder.Decode(bytes.Span, name, Small);
            return null;
        }
        catch (RecipesException e)
        {
            return e.Message;
        }
    }
}

/// <summary>Every <c>json</c> member is JSON.</summary>
public sealed class JsonCheck : ISampleCheck
{
    /// <inheritdoc/>
    public IEnumerable<SampleProblem> Problems(string source, ShardSample sample)
    {
        foreach (var (extension, bytes) in sample.Members)
        {
            if ((extension == "json" || extension.EndsWith(".json", StringComparison.Ordinal)) && Error(bytes) is { } error)
                yield return new SampleProblem(source, sample.Key, "no valid JSON", $"{extension}: {error}");
        }
    }

    private static string? Error(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes);
            return null;
        }
        catch (JsonException e)
        {
            return e.Message;
        }
    }
}
