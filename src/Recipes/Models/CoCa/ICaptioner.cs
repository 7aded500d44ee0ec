using Recipes.Data;

namespace Recipes.Models;

/// <summary>Something that describes pictures.</summary>
public interface ICaptioner
{
    /// <summary>The network's name, as manifests of reinforced data state it.</summary>
    string Name { get; }

    /// <summary>Captions of pictures of any sizes.</summary>
    /// <param name="images">The pictures.</param>
    /// <param name="count">Captions of each, at least 1.</param>
    /// <param name="seed">Equal seeds give equal captions.</param>
    /// <param name="first">The number of the first picture. Each draws by the seed and its own number, so a set can be captioned in parts of any size.</param>
    /// <returns>For each picture exactly as many; a caption may be empty.</returns>
    IReadOnlyList<IReadOnlyList<string>> Caption(IReadOnlyList<RgbImage> images, int count, long seed, long first = 0);
}
