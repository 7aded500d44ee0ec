using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>An image encoder that can give what it knows of each place instead of one vector.</summary>
public interface ITokenEncoder
{
    /// <summary>D, channels of a token.</summary>
    int TokenWidth { get; }

    /// <summary>Tokens <c>[B, T, D]</c> of images <c>[B, 3, H, W]</c>, row after row of the places.</summary>
    Tensor Tokens(Tensor input);
}
