namespace Recipes.Reproductions;

/// <summary>How large a reproduction runs. The same code at every scale; a scale changes numbers only.</summary>
public enum Scale
{
    /// <summary>At most 60 s on 2 cores; trend claims are not attempted.</summary>
    Smoke,

    /// <summary>At most 25 minutes on 2 cores (MobileOne 10); every claim shows. The default.</summary>
    Laptop,

    /// <summary>The paper's own sizes and hyper-parameters, on its own data and a GPU.</summary>
    Paper,
}
