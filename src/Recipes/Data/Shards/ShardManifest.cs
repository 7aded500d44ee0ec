using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Recipes.Display;

namespace Recipes.Data;

/// <summary>A finished shard.</summary>
/// <param name="Index">Its number, which is its name: <c>00000003.tar</c>.</param>
/// <param name="Samples">Samples in it.</param>
/// <param name="Bytes">Bytes of the file.</param>
/// <param name="Sha256">SHA-256 of the file.</param>
public sealed record ShardEntry(int Index, int Samples, long Bytes, string Sha256)
{
    /// <summary>The file's name.</summary>
    public string File => Name(Index);

    /// <summary>The name of a shard by its number: eight digits.</summary>
    public static string Name(int index) => string.Create(CultureInfo.InvariantCulture, $"{index:D8}.tar");
}

/// <summary>What a folder of shards holds: <c>manifest.json</c>.</summary>
/// <param name="ShardCount">Shards when all is done.</param>
/// <param name="Facts">What the writer says of its work: teachers, options, source.</param>
/// <param name="Shards">Those that are finished, by number.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record ShardManifest(int ShardCount, JsonObject Facts, IReadOnlyList<ShardEntry> Shards) : IDisplay
{
    /// <summary>The file's name.</summary>
    public const string File = "manifest.json";

    /// <summary>Samples of the finished shards.</summary>
    public long Samples => Shards.Sum(s => (long)s.Samples);

    /// <summary>Bytes of the finished shards.</summary>
    public long Bytes => Shards.Sum(s => s.Bytes);

    /// <summary>Whether all shards are finished.</summary>
    public bool Complete => Shards.Count == ShardCount;

    /// <summary>The manifest of a folder; null when it has none.</summary>
    /// <exception cref="RecipesException">It is damaged.</exception>
    public static ShardManifest? Read(string folder) => ReadFile(Path.Combine(folder, File));

    internal static ShardManifest? ReadFile(string path)
    {
        if (!System.IO.File.Exists(path))
            return null;
        try
        {
            var manifest = JsonSerializer.Deserialize<ShardManifest>(System.IO.File.ReadAllText(path), CanonicalJson.Options);
            return
                manifest is { ShardCount: >= 0, Facts: not null, Shards: not null }
                && manifest.Shards.All(s => s is { Sha256: not null, Index: >= 0 } && s.Index < manifest.ShardCount)
                ? manifest
                : throw new JsonException("shardCount, facts or shards are missing or out of range");
        }
        catch (FileNotFoundException)
        {
            // Another process has just merged it.
            return null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or IOException or UnauthorizedAccessException)
        {
            throw new RecipesException(
                $"{path}: expected a manifest of shards, found another document ({e.Message.TrimEnd('.')}). Remove it, and the shards that it named are looked at anew.",
                e
            );
        }
    }

    /// <summary>How another manifest's work differs from this one, one line each; none when shards of both may stand together.</summary>
    internal IEnumerable<string> Differences(ShardManifest other)
    {
        if (ShardCount != other.ShardCount)
            yield return $"shards: the folder's are {other.ShardCount}, now {ShardCount}";
        foreach (var name in Facts.Concat(other.Facts).Select(f => f.Key).Distinct().Order(StringComparer.Ordinal))
        {
            var (mine, theirs) = (Text(Facts[name]), Text(other.Facts[name]));
            if (mine != theirs)
                yield return $"{name}: the folder's is {theirs}, now {mine}";
        }
    }

    /// <summary>The finished shards.</summary>
    public string ToHtml() =>
        Table
            .From(
                Shards,
                (Column.Text("Shard"), s => s.File),
                (Column.Number("Samples"), s => s.Samples),
                (Column.Number("Size", "bytes"), s => s.Bytes),
                (Column.Text("SHA-256"), s => s.Sha256)
            )
            .Caption(ToString())
            .ToHtml();

    /// <summary>One line.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Shards.Count:N0} of {ShardCount:N0} shards, {Samples:N0} samples, {Bytes:N0} bytes");

    private static string Text(JsonNode? node) => node is null ? "nothing" : CanonicalJson.Of(node).ToJsonString();
}
