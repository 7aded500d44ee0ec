namespace Recipes.Data;

/// <summary>
/// Ways in which a test picture gets worse, one of each family of ImageNet-C (Hendrycks and Dietterich, arXiv 1903.12261, sec. 4.1):
/// noise, blur, digital.
/// </summary>
public enum CorruptionKind
{
    /// <summary>Normal noise on every value.</summary>
    GaussianNoise,

    /// <summary>Convolution with a Gaussian.</summary>
    GaussianBlur,

    /// <summary>Each channel drawn towards its own mean.</summary>
    Contrast,

    /// <summary>Through a JPEG file of low quality.</summary>
    Jpeg,
}
