using Recipes.Data;
using Recipes.Layers;

namespace Recipes.Models;

/// <summary>An encoder of images and captions that says how its images are prepared.</summary>
public interface IImageText : IPairEncoder
{
    /// <summary>What its images go through before it sees them; R pixels a side.</summary>
    ImagePreprocessing Preprocessing { get; }

    /// <summary>Token ids of a caption, start and end included.</summary>
    int Context { get; }
}
