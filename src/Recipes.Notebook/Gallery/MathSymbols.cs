namespace Recipes.Notebook.Gallery;

/// <summary>The commands of LaTeX that stand for one sign.</summary>
internal static class MathSymbols
{
    /// <summary>Letters: <c>mi</c>.</summary>
    public static Dictionary<string, string> Letters { get; } =
        Pairs(
            """
            alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν xi ξ
            pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω
            Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
            infty ∞ partial ∂ nabla ∇ ell ℓ hbar ℏ Re ℜ Im ℑ emptyset ∅ varnothing ∅ aleph ℵ top ⊤ bot ⊥ ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱
            """
        );

    /// <summary>Operators, relations and arrows: <c>mo</c>.</summary>
    public static Dictionary<string, string> Operators { get; } =
        Pairs(
            """
            cdot ⋅ times × div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet ∙ oplus ⊕ ominus ⊖ otimes ⊗ odot ⊙ wedge ∧ land ∧ vee ∨ lor ∨ neg ¬ lnot ¬
            le ≤ leq ≤ ge ≥ geq ≥ ll ≪ gg ≫ ne ≠ neq ≠ approx ≈ sim ∼ simeq ≃ cong ≅ equiv ≡ propto ∝ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆
            supset ⊃ supseteq ⊇ cup ∪ cap ∩ setminus ∖ forall ∀ exists ∃ mid ∣ parallel ∥ perp ⊥ to → rightarrow → leftarrow ← leftrightarrow ↔
            Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⇒ iff ⇔ mapsto ↦ longrightarrow ⟶ gets ← uparrow ↑ downarrow ↓ prec ≺ succ ≻
            langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lvert | rvert | lVert ‖ rVert ‖ vert | Vert ‖ | ‖ { { } } colon : lbrace { rbrace }
            % % # # & & $ $ _ _
            """
        );

    /// <summary>Operators that grow, with limits below and above in a displayed formula.</summary>
    public static Dictionary<string, string> Large { get; } =
        Pairs("sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ oint ∮ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ bigvee ⋁ bigwedge ⋀");

    /// <summary>Names set upright.</summary>
    public static HashSet<string> Functions { get; } =
    [.. "arccos arcsin arctan arg cos cosh cot deg det dim exp gcd hom ker lg ln log sec sin sinh tan tanh Pr".Split(' ')];

    /// <summary>Names set upright, with limits below in a displayed formula.</summary>
    public static HashSet<string> Limits { get; } = [.. "lim max min sup inf limsup liminf argmax argmin".Split(' ')];

    /// <summary>Marks over a term.</summary>
    public static Dictionary<string, string> Accents { get; } =
        Pairs("hat ^ widehat ^ bar ‾ overline ‾ tilde ~ widetilde ~ vec → dot ˙ ddot ¨ underline _ overbrace ⏞ underbrace ⏟");

    /// <summary>Widths of spaces, in em.</summary>
    public static Dictionary<string, string> Spaces { get; } = Pairs(", 0.167em : 0.222em ; 0.278em ! -0.167em quad 1em qquad 2em");

    /// <summary>Double-struck and script capitals that Unicode put apart.</summary>
    public static Dictionary<string, string> Apart { get; } =
        Pairs("bbC ℂ bbH ℍ bbN ℕ bbP ℙ bbQ ℚ bbR ℝ bbZ ℤ calB ℬ calE ℰ calF ℱ calH ℋ calI ℐ calL ℒ calM ℳ calR ℛ");

    private static Dictionary<string, string> Pairs(string text)
    {
        var words = text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return words.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
    }
}
