namespace Recipes.Data;

/// <summary>The same captioned pictures, each kept in memory once it was read or drawn.</summary>
/// <param name="set">The pictures.</param>
public sealed class CachedCaptions(ICaptionedSet set) : IReportedSet
{
    private readonly RgbImage?[] _images = new RgbImage?[set.Count];
    private readonly IReadOnlyList<string>?[] _captions = new IReadOnlyList<string>?[set.Count];

    /// <summary>The set whose pictures are kept.</summary>
    public ICaptionedSet Source => set;

    /// <inheritdoc/>
    public string Name => set.Name;

    /// <inheritdoc/>
    public SampleReport Report { get; } = set.Report();

    /// <inheritdoc/>
    public int Count => set.Count;

    /// <inheritdoc/>
    public string Key(int index) => set.Key(index);

    /// <inheritdoc/>
    public RgbImage Image(int index)
    {
        if (Volatile.Read(ref _images[index]) is { } image)
            return image;
        image = set.Image(index);
        Volatile.Write(ref _images[index], image);
        return image;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Captions(int index)
    {
        if (Volatile.Read(ref _captions[index]) is { } captions)
            return captions;
        captions = set.Captions(index);
        Volatile.Write(ref _captions[index], captions);
        return captions;
    }
}
