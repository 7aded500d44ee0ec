using System.Collections.Concurrent;

namespace Recipes.Data;

/// <summary>Sources opened once and shared by the trainings of a run; each picture is read or drawn once and its bytes kept.</summary>
public sealed class OpenedImages
{
    private readonly ConcurrentDictionary<(ImageSource Source, Split Split), IImageSet> _sets = new();

    /// <summary>The set of a source.</summary>
    /// <exception cref="RecipesException">Files are missing or broken.</exception>
    public IImageSet Open(ImageSource source, Split split) =>
        _sets.GetOrAdd((source, split), key => new CachedImages(key.Source.Open(key.Split)));
}
