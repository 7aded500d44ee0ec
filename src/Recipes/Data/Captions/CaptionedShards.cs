namespace Recipes.Data;

/// <summary>
/// Pictures with captions in WebDataset tars: in each sample one picture (<c>jpg</c>, <c>jpeg</c>, <c>png</c>, <c>webp</c>) and its captions.
/// All other members (<c>url.txt</c>, <c>paug.json</c>, <c>npz</c>) are left alone; <see cref="CaptionedSetExtensions.Sample"/> gives them.
/// </summary>
internal sealed class CaptionedShards : ICaptionedSet, ISampledSet, IPictureFiles
{
    private readonly ShardSet _shards;
    private readonly CaptionPart[] _parts;

    // Sample of the shards, and the extension of its picture.
    private readonly List<(int Sample, string Picture)> _pictures = [];

    private CaptionedShards(string name, ShardSet shards, IEnumerable<string> parts) =>
        (Name, _shards, _parts) = (name, shards, [.. parts.Select(CaptionPart.Parse)]);

    /// <summary>The extensions of pictures, in order of preference.</summary>
    public static IReadOnlyList<string> PictureExtensions { get; } = ["jpg", "jpeg", "png", "webp"];

    public string Name { get; }

    public int Count => _pictures.Count;

    /// <summary>Finds the pictures and captions of all samples; those without one of either are problems.</summary>
    public static CaptionedShards Open(string name, ShardSet shards, IEnumerable<string> captions, List<SampleProblem> problems)
    {
        var set = new CaptionedShards(name, shards, captions);
        problems.AddRange(shards.Problems);
        for (var i = 0; i < shards.Count; i++)
        {
            var extensions = shards.Extensions(i);
            var picture = PictureExtensions.FirstOrDefault(extensions.Contains);
            var captioned = Array.Exists(set._parts, p => extensions.Contains(p.Member));
            if (picture is not null && captioned)
            {
                set._pictures.Add((i, picture));
                continue;
            }
            var (reason, expected) = picture is null
                ? ("no picture", PictureExtensions)
                : ("no caption", [.. set._parts.Select(p => p.Member)]);
            problems.Add(
                new SampleProblem(
                    shards.ShardOf(i).Path,
                    shards.Key(i),
                    reason,
                    $"expected {string.Join(", ", expected)}, found {string.Join(", ", extensions)}"
                )
            );
        }
        return set;
    }

    public string Key(int index) => _shards.Key(_pictures[index].Sample);

    public RgbImage Image(int index) => Pictures.Decode(this, index);

    public (string Name, ReadOnlyMemory<byte> Bytes) Picture(int index)
    {
        var (sample, picture) = _pictures[index];
        return (Place(sample, picture), _shards.Read(sample, picture)!);
    }

    public IReadOnlyList<string> Captions(int index)
    {
        var sample = _pictures[index].Sample;
        var captions = new List<string>(1);
        foreach (var part in _parts)
        {
            if (_shards.Read(sample, part.Member) is { } bytes)
                captions.AddRange(part.Read(bytes, Place(sample, part.Member)));
        }
        return captions.Count > 0
            ? captions
            : throw new RecipesException(
                $"{_shards.ShardOf(sample).Path}: {_shards.Key(sample)}: no caption at {string.Join(", ", _parts)}."
            );
    }

    public ShardSample? Sample(int index) => _shards.Sample(_pictures[index].Sample);

    private string Place(int sample, string extension) => $"{_shards.ShardOf(sample).Path}: {_shards.Key(sample)}.{extension}";
}
