namespace Recipes.Data;

/// <summary>One member of a sample.</summary>
/// <param name="Extension">What follows the key and a dot: <c>jpg</c>, <c>txt</c>, <c>paug.json</c>.</param>
/// <param name="Bytes">Its content.</param>
public readonly record struct ShardMember(string Extension, ReadOnlyMemory<byte> Bytes);

/// <summary>A sample of a shard: all members whose names are its key, a dot and an extension.</summary>
/// <param name="Key">The members' name up to the first dot after the last slash.</param>
/// <param name="Members">The members, in the order of the tar.</param>
public sealed record ShardSample(string Key, IReadOnlyList<ShardMember> Members)
{
    /// <summary>The content of a member, or null when the sample has none of this extension.</summary>
    public ReadOnlyMemory<byte>? this[string extension]
    {
        get
        {
            foreach (var member in Members)
            {
                if (member.Extension == extension)
                    return member.Bytes;
            }
            return null;
        }
    }

    /// <summary>The same sample with this member, replaced or added.</summary>
    public ShardSample With(string extension, ReadOnlyMemory<byte> bytes) =>
        this with
        {
            Members = [.. Members.Where(m => m.Extension != extension), new ShardMember(extension, bytes)],
        };

    /// <summary>Key and extension of a member's name: WebDataset's rule. Null where the name has no extension or is a tool's own (<c>__…__</c>).</summary>
    internal static (string Key, string Extension)? Split(string name)
    {
        var start = name.LastIndexOf('/') + 1;
        var dot = name.IndexOf('.', start);
        return dot <= start || dot == name.Length - 1 || name.StartsWith("__", StringComparison.Ordinal)
            ? null
            : (name[..dot], name[(dot + 1)..].ToLowerInvariant());
    }
}
